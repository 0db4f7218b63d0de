import { createHash } from 'node:crypto';
import { isRecord } from '../model/parsed-value';

/** Letters and digits that form no words: Kubernetes takes the same for its generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name that depends on the text only. */
export function nameHash(text: string, length = 5): string {
  let name = '';
  for (const byte of createHash('sha256').update(text).digest().subarray(0, length)) name += ALPHABET[byte % ALPHABET.length];
  return name;
}

/** A number below `limit` that depends on the text only. */
export function numberHash(text: string, limit: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % limit;
}

/** A UUID that depends on the text only. */
export function uidHash(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** JSON in which the order of fields says nothing. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (
    isRecord(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item
  ));
}
