import { inflateRawSync } from 'node:zlib';

import { Root, type INamespace, type Type } from 'protobufjs/light';

import { DESCRIPTOR } from './descriptor.generated';
import type { MessageTypes } from './types';

/** Flat name of a message (`Cluster`, `HttpRBAC`). */
export type MessageName = keyof MessageTypes;

interface Schema {
  readonly root: Root;
  /** Full proto name by flat name. */
  readonly messages: Readonly<Record<string, string>>;
}

const TYPE_URL_PREFIX = 'type.googleapis.com/';
const types = new Map<string, Type>();
let loaded: Schema | undefined;

function schema(): Schema {
  if (!loaded) {
    const json = JSON.parse(inflateRawSync(Buffer.from(DESCRIPTOR, 'base64')).toString()) as { root: INamespace; messages: Record<string, string> };
    loaded = { root: Root.fromJSON(json.root), messages: json.messages };
  }
  return loaded;
}

/** The reflected message behind a flat name, or behind a type URL of the Envoy API. Throws for a name that the schema does not have. */
export function messageType(name: string): Type {
  let type = types.get(name);
  if (!type) {
    type = schema().root.lookupType(fullName(name));
    types.set(name, type);
  }
  return type;
}

/** Whether the schema has the message that a type URL names. */
export function knowsTypeUrl(typeUrl: string): boolean {
  return schema().root.lookup(fullName(typeUrl)) !== null;
}

/** `Cluster` → `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
export function typeUrlOf(name: MessageName): string {
  return TYPE_URL_PREFIX + fullName(name);
}

function fullName(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? (schema().messages[name] ?? name) : name.slice(slash + 1);
}
