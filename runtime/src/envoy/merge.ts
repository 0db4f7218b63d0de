import type { Type } from 'protobufjs/light';
import { messageType } from './schema';
import type { Any } from './types';
import type { MessageOf, NameOrTypeUrl } from './wire';
import { decode, encode } from './wire';

type Message = Readonly<Record<string, unknown>>;

export interface MergeOptions {
  /** What becomes of repeated fields that both have. */
  readonly lists: 'append' | 'replace';
}

/** Replaced as a whole: the sum of two durations is nobody's wish. What stands in an `Any` is known to `mergeAny` only. */
const WHOLE: ReadonlySet<string> = new Set(['.google.protobuf.Duration', '.google.protobuf.Any']);

/**
 * Merges as protobuf does: fields of messages one by one, lists one after the other, entries of maps by their key, and a member of a oneof
 * drives out the others (https://protobuf.dev/programming-guides/encoding/#last-one-wins). Neither message is changed.
 */
export function mergeMessages<N extends NameOrTypeUrl>(name: N, into: MessageOf<N>, from: MessageOf<N>, options: MergeOptions): MessageOf<N> {
  return mergeAs(messageType(name), into as Message, from as Message, options) as MessageOf<N>;
}

/**
 * Merges what two `Any` of one type hold.
 *
 * @throws Error if the types differ or are not known
 */
export function mergeAny(into: Any, from: Any, options: MergeOptions): Any {
  if (into.typeUrl !== from.typeUrl) {
    throw new Error(`holds a ${into.typeUrl}, which cannot be merged with a ${from.typeUrl}`);
  }
  const url = into.typeUrl as `type.googleapis.com/${string}`;
  const merged = mergeMessages(url, decode(url, into.value ?? new Uint8Array()), decode(url, from.value ?? new Uint8Array()), options);
  return { typeUrl: into.typeUrl, value: encode(url, merged) };
}

function mergeAs(type: Type, into: Message, from: Message, options: MergeOptions): Message {
  const merged: Record<string, unknown> = { ...into };
  for (const [name, value] of Object.entries(from)) {
    const field = type.fields[name];
    if (value === undefined || !field) {
      continue;
    }
    field.resolve();
    field.partOf?.oneof.filter((other) => other !== name).forEach((other) => delete merged[other]);
    const before = merged[name];
    if (field.map) {
      merged[name] = { ...before as Message | undefined, ...value as Message };
    } else if (field.repeated) {
      merged[name] = options.lists === 'replace' ? value : [...before as unknown[] ?? [], ...value as unknown[]];
    } else {
      const inner = field.resolvedType && 'fields' in field.resolvedType ? field.resolvedType : undefined;
      const deep = inner !== undefined && before !== undefined && !WHOLE.has(inner.fullName);
      merged[name] = deep ? mergeAs(inner, before as Message, value as Message, options) : value;
    }
  }
  return merged;
}
