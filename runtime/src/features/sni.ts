import type { Place } from '../model/place';

/** RFC 6066 takes names of DNS, and those have at most 255 bytes. */
export const MAX_SNI = 255;

/** Envoy refuses some of them, and none can be meant. */
const CONTROL = /[\u0000-\u0020\u007f]/;

export function readSni(name: string | undefined, place: Place): string | undefined {
  if (name && Buffer.byteLength(name) > MAX_SNI) {
    place.problem(`has ${Buffer.byteLength(name)} bytes, but a host name has at most ${MAX_SNI}: it is left out`);
    return undefined;
  }
  if (name && CONTROL.test(name)) {
    place.problem(`${JSON.stringify(name)} has characters that no host name has: it is left out`);
    return undefined;
  }
  return name || undefined;
}
