import type { Type } from 'protobufjs/light';
import { fromJson as readJson, toJson as writeJson } from 'protobufjs/ext/protojson';

import { messageType, type MessageName } from './schema';
import type { MessageTypes } from './types';

/** A message by flat name, typed, or by type URL, untyped. */
export type NameOrTypeUrl = MessageName | `type.googleapis.com/${string}`;
export type MessageOf<N extends NameOrTypeUrl> = N extends MessageName ? MessageTypes[N] : object;

/**
 * The protobuf encoding of a message.
 *
 * @throws Error for a field that the message does not have, with its path: protobufjs would drop it silently, and with it a rule of the user.
 */
export function encode<N extends NameOrTypeUrl>(name: N, message: MessageOf<N>): Uint8Array {
  const type = messageType(name);
  refuseUnknown(type, message, name);
  return type.encode(message).finish();
}

/**
 * A plain object without defaults: fields that were not on the wire are absent, so `uint32(0)` comes back as `{}`. Enums and 64-bit
 * integers are numbers.
 */
export function decode<N extends NameOrTypeUrl>(name: N, bytes: Uint8Array): MessageOf<N> {
  const type = messageType(name);
  return type.toObject(type.decode(bytes), { longs: Number }) as MessageOf<N>;
}

/** Canonical protobuf JSON, as in Envoy's own dumps: `Any` unpacked, enums by name, durations as `1.5s`. */
export function toJson(name: NameOrTypeUrl, message: Uint8Array | object): unknown {
  const type = messageType(name);
  if (message instanceof Uint8Array) return writeJson(type, type.decode(message));
  refuseUnknown(type, message, name);
  return writeJson(type, message);
}

/**
 * Reads protobuf JSON; field names may be camelCase or snake_case, as for Envoy itself.
 *
 * @throws Error for unknown fields, wrong types and messages inside `Any` that the schema does not have.
 */
export function fromJson<N extends NameOrTypeUrl>(name: N, json: unknown): MessageOf<N> {
  const type = messageType(name);
  return type.toObject(readJson(type, json), { longs: Number }) as MessageOf<N>;
}

function refuseUnknown(type: Type, message: object, path: string): void {
  for (const key of Object.keys(message)) {
    const value = (message as Record<string, unknown>)[key];
    if (value == null) continue;
    const field = Object.hasOwn(type.fields, key) ? type.fields[key]!.resolve() : undefined;
    if (!field) throw new Error(`${path}.${key}: ${type.fullName.slice(1)} has no such field; it has ${Object.keys(type.fields).join(', ')}`);
    const inner = field.resolvedType;
    if (!inner || !('fields' in inner)) continue;
    if (field.repeated) (value as object[]).forEach((each, index) => refuseUnknown(inner, each, `${path}.${key}[${index}]`));
    else if (field.map) for (const [name, each] of Object.entries(value)) refuseUnknown(inner, each as object, `${path}.${key}[${name}]`);
    else refuseUnknown(inner, value, `${path}.${key}`);
  }
}
