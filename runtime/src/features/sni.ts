import { isWritable } from '../model/host';
import type { Place } from '../model/place';

/** RFC 6066 takes names of DNS, and those have at most 255 bytes. */
export const MAX_SNI = 255;

export function readSni(name: string | undefined, place: Place): string | undefined {
  if (name && Buffer.byteLength(name) > MAX_SNI) {
    place.problem(`has ${Buffer.byteLength(name)} bytes, but a host name has at most ${MAX_SNI}: it is left out`);
    return undefined;
  }
  if (name && !isWritable(name)) {
    place.problem(`${JSON.stringify(name)} has characters that no host name has: it is left out`);
    return undefined;
  }
  return name || undefined;
}
