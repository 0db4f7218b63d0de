import { isIP } from 'node:net';
import type { Place } from '../model/place';

/** An IP address; undefined where it is none. */
export function readAddress(text: string, place: Place): string | undefined {
  if (isIP(text) === 0) {
    place.problem(`'${text}' is no IP address: it is left out`);
    return undefined;
  }
  return text;
}

/** Addresses or ranges of them, without those that are neither. */
export function readRanges(texts: readonly string[] | undefined, place: Place): string[] {
  return (texts ?? []).filter((text, i) => {
    const [address, bits] = text.split('/');
    const family = isIP(address);
    const length = bits === undefined ? 0 : Number(bits);
    const valid = family !== 0 && Number.isInteger(length) && length >= 0 && length <= (family === 4 ? 32 : 128);
    if (!valid) {
      place.at(i).problem(`'${text}' is no IP address and no range of them, such as 10.0.0.0/8: it is left out`);
    }
    return valid;
  });
}

/** Names that TLS clients ask for. Envoy takes `*` for whole labels at the front only. */
export function readServerNames(names: readonly string[], place: Place): string[] {
  return names.map((name) => name.toLowerCase()).filter((name, i) => {
    const valid = /^(\*|(\*\.)?[^*\s]+)$/.test(name);
    if (!valid) {
      place.at(i).problem(`'${name}' is no name that TLS clients can ask for: '*' may stand for whole labels at the front only, as in *.example.com`);
    }
    return valid;
  });
}
