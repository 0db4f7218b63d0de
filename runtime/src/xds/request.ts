import { fromStruct, type DeltaDiscoveryRequest, type Node } from '../envoy';

/** What an Envoy says of itself in its first request. */
export interface XdsNode {
  readonly id: string;
  readonly cluster: string;
  /** Plain JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** By requests of this type Istio's agents tell how the workload beside them is, with an error where it is not well: pkg/model/xds.go. */
export const HEALTH_TYPE = 'type.googleapis.com/istio.v1.HealthInformation';

/** Bounds of what one client may ask: it stands on the other side of a network. */
export const LIMITS = {
  /** Bytes of one request: 100,000 names of a reconnecting client with their versions fit. */
  requestBytes: 32 * 1024 * 1024,
  names: 100_000,
  nameLength: 8 * 1024,
  types: 32,
  nodeIdLength: 1024,
  /** Responses of one type that a client may leave without ACK or NACK; what comes then waits. */
  unanswered: 64,
} as const;

/** Why a request is refused, or undefined. */
export function refusal(request: DeltaDiscoveryRequest): string | undefined {
  const subscribe = request.resourceNamesSubscribe ?? [];
  const unsubscribe = request.resourceNamesUnsubscribe ?? [];
  const versions = Object.keys(request.initialResourceVersions ?? {});
  if (!request.typeUrl) return 'type_url is empty';
  if (request.typeUrl.length > LIMITS.nameLength) return `type_url is longer than ${LIMITS.nameLength} bytes`;
  for (const names of [subscribe, unsubscribe, versions]) {
    if (names.length > LIMITS.names) return `a request may name ${LIMITS.names} resources, got ${names.length}`;
    const long = names.find((name) => name.length > LIMITS.nameLength);
    if (long) return `a resource name may have ${LIMITS.nameLength} bytes, got ${long.length}`;
  }
  return undefined;
}

/** The node of a first request, or why it is refused. */
export function readNode(node: Node | undefined): XdsNode | string {
  if (!node?.id) return 'the first request of a stream must name its node: node.id is empty';
  if (node.id.length > LIMITS.nodeIdLength) return `node.id may have ${LIMITS.nodeIdLength} bytes, got ${node.id.length}`;
  return { id: node.id, cluster: node.cluster ?? '', metadata: node.metadata ? fromStruct(node.metadata) : {} };
}
