import { Writer } from 'protobufjs/light';

import { messageType, type MessageName } from './schema';
import type { MessageTypes } from './types';
import { encode } from './wire';

/** What a repeated field holds: messages, since elements of other types are packed together. */
type Elements<N extends MessageName, F extends keyof MessageTypes[N]> = NonNullable<MessageTypes[N][F]> extends readonly (infer E extends object)[] ? E : never;

/** One element of a repeated field of messages, as it stands in the message's encoding. */
export function encodeElement<N extends MessageName, F extends keyof MessageTypes[N] & string>(
  name: N, field: F, element: Elements<N, F>,
): Uint8Array {
  return encode(name, { [field]: [element] } as never);
}

/** The same of an element that is encoded already. */
export function wrapElement<N extends MessageName, F extends keyof MessageTypes[N] & string>(name: N, field: F, element: Uint8Array): Uint8Array {
  // A field's number and how its length is told (https://protobuf.dev/programming-guides/encoding/#structure).
  return Writer.create().uint32(messageType(name).fields[field]!.id << 3 | 2).bytes(element).finish();
}

/** Elements as `encodeElement` makes them, one after the other. */
export function encodeElements<N extends MessageName, F extends keyof MessageTypes[N] & string>(
  name: N, field: F, elements: readonly Elements<N, F>[],
): Uint8Array {
  return encode(name, { [field]: elements } as never);
}

/**
 * What `encode` makes of a message with these elements, byte by byte. Fields stand in the order of their numbers, and repeated ones are
 * their elements one after the other (https://protobuf.dev/programming-guides/encoding/#repeated), so elements need not be encoded again
 * with every change of another.
 *
 * @param message all other fields
 */
export function encodeWithElements<N extends MessageName, F extends keyof MessageTypes[N] & string>(
  name: N, message: Omit<MessageTypes[N], F>, { field, elements }: { readonly field: F; readonly elements: readonly Uint8Array[] },
): Uint8Array {
  const { fields } = messageType(name);
  const isBefore = ([other]: [string, unknown]): boolean => (fields[other]?.id ?? 0) < fields[field]!.id;
  const all = Object.entries(message);
  const part = (entries: typeof all): Uint8Array => encode(name, Object.fromEntries(entries) as never);
  return Buffer.concat([part(all.filter(isBefore)), ...elements, part(all.filter((entry) => !isBefore(entry)))]);
}
