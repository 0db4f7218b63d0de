export * from './types';
export { AGENT_CLUSTER, agentCluster, agentSecret } from './agent-cluster';
export { encodeElement, encodeElements, encodeWithElements, wrapElement } from './element';
export { inlineBootstrap } from './inline';
export { mergeAny, mergeMessages, type MergeOptions } from './merge';
export { contentVersion, encodeResource, resourceOf } from './resource';
export { knowsTypeUrl, typeUrlOf, type MessageName } from './schema';
export { any, bool, double, duration, fromStruct, int64, string, struct, structValue, uint32, uint64, unpack } from './well-known';
export { decode, encode, fromJson, toJson, type MessageOf, type NameOrTypeUrl } from './wire';
