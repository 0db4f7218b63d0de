import { knowsTypeUrl, typeUrlOf, type MessageName } from './schema';
import type {
  Any, BoolValue, DoubleValue, Duration, Int64Value, MessageTypes, StringValue, Struct, UInt32Value, UInt64Value, Value,
} from './types';
import { decode, encode } from './wire';

/** Packs a message: `any('Router', {})`. */
export function any<N extends MessageName>(name: N, message: MessageTypes[N]): Any {
  return { typeUrl: typeUrlOf(name), value: encode(name, message as never) };
}

/** The message in an `Any`, or undefined if the schema does not know its type. */
export function unpack(packed: Any): object | undefined {
  if (!packed.typeUrl || !knowsTypeUrl(packed.typeUrl)) return undefined;
  return decode(packed.typeUrl as `type.googleapis.com/${string}`, packed.value ?? new Uint8Array());
}

/** @param ms milliseconds, fractions down to a nanosecond */
export function duration(ms: number): Duration {
  const total = Math.round(ms * 1e6);
  const seconds = Math.trunc(total / 1e9);
  const nanos = total % 1e9;
  return { ...(seconds !== 0 && { seconds }), ...(nanos !== 0 && { nanos }) };
}

export function uint32(value: number): UInt32Value {
  return { value };
}

export function uint64(value: number): UInt64Value {
  return { value };
}

export function int64(value: number): Int64Value {
  return { value };
}

export function double(value: number): DoubleValue {
  return { value };
}

export function bool(value: boolean): BoolValue {
  return { value };
}

export function string(value: string): StringValue {
  return { value };
}

/** Plain JSON as a protobuf Struct. Members that are `undefined` are left out. */
export function struct(fields: Readonly<Record<string, unknown>>): Struct {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { fields: Object.fromEntries(entries.map(([name, value]) => [name, structValue(value)])) };
}

/** Plain JSON as a protobuf Value. */
function structValue(json: unknown): Value {
  if (json === null || json === undefined) return { nullValue: 0 };
  if (typeof json === 'string') return { stringValue: json };
  if (typeof json === 'number') return { numberValue: json };
  if (typeof json === 'boolean') return { boolValue: json };
  if (Array.isArray(json)) return { listValue: { values: json.map(structValue) } };
  if (typeof json === 'object') return { structValue: struct(json as Record<string, unknown>) };
  throw new Error(`a protobuf Struct holds JSON only, got a ${typeof json}`);
}

/** The plain JSON of a Struct. */
export function fromStruct(packed: Struct): Record<string, unknown> {
  return Object.fromEntries(Object.entries(packed.fields ?? {}).map(([name, value]) => [name, fromStructValue(value)]));
}

function fromStructValue(value: Value): unknown {
  if (value.structValue) return fromStruct(value.structValue);
  if (value.listValue) return (value.listValue.values ?? []).map(fromStructValue);
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null;
}
