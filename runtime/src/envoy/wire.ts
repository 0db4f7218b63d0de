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

function refuseUnknown(type: Type, message: object, name: string): void {
  const unknown = unknownField(type, message);
  if (unknown) throw new Error(`${name}${unknown.path}: ${unknown.type.fullName.slice(1)} has no such field; it has ${Object.keys(unknown.type.fields).join(', ')}`);
}

interface UnknownField {
  readonly path: string;
  readonly type: Type;
}

/** Every message that is encoded comes by here, so the path is put together only when there is one to tell. */
function unknownField(type: Type, message: object): UnknownField | undefined {
  const fields = fieldsOf(type);
  for (const key of Object.keys(message)) {
    const value = (message as Record<string, unknown>)[key];
    if (value == null) continue;
    const field = fields.get(key);
    if (!field) return { path: `.${key}`, type };
    const found = field.inner && unknownWithin(field.inner, field.shape, value);
    if (found) return { ...found, path: `.${key}${found.path}` };
  }
  return undefined;
}

function unknownWithin(inner: Type, shape: FieldShape['shape'], value: unknown): UnknownField | undefined {
  if (shape === 'one') return unknownField(inner, value as object);
  const all = value as Readonly<Record<string, object>>;
  for (const key of Object.keys(all)) {
    const found = unknownField(inner, all[key]!);
    if (found) return { ...found, path: `[${key}]${found.path}` };
  }
  return undefined;
}

interface FieldShape {
  readonly shape: 'one' | 'many';
  /** The message that it holds, if it holds messages. */
  readonly inner: Type | undefined;
}

const shapes = new WeakMap<Type, ReadonlyMap<string, FieldShape>>();

function fieldsOf(type: Type): ReadonlyMap<string, FieldShape> {
  let fields = shapes.get(type);
  if (!fields) {
    fields = new Map(type.fieldsArray.map((field) => {
      const inner = field.resolve().resolvedType;
      return [field.name, { shape: field.repeated || field.map ? 'many' : 'one', inner: inner && 'fields' in inner ? inner : undefined }];
    }));
    shapes.set(type, fields);
  }
  return fields;
}
