import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from './duration';
import { ipVersion } from './ip';
import { matchesPattern } from './pattern';
import { urlScheme } from './url';

/** CEL's evaluation failed: a field is absent, a text is no duration … Such a rule refuses the object. */
export class CelError extends Error {}

/** The part of CEL, with Kubernetes' extensions, that the rules of the pinned CRDs use. Values are parsed JSON. */
export function field(object: unknown, name: string): unknown {
  if (!has(object, name)) {
    throw new CelError(`no such field: ${name}`);
  }
  return (object as Record<string, unknown>)[name];
}

export function has(object: unknown, name: string): boolean {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, name);
}

export function at(list: unknown, index: number): unknown {
  if (!Array.isArray(list) || index < 0 || index >= list.length) {
    throw new CelError(`no item ${index}`);
  }
  return list[index];
}

/** Unlike `&&`, false where either side is false even if the other fails: CEL specification, "Logical Operators". */
export function and(left: () => boolean, right: () => boolean): boolean {
  try {
    if (!left()) {
      return false;
    }
  } catch (error) {
    if (!right()) {
      return false;
    }
    throw error;
  }
  return right();
}

export function or(left: () => boolean, right: () => boolean): boolean {
  return !and(() => !left(), () => !right());
}

/** The items of a list or the keys of a map: what CEL's macros go over. */
function range(collection: unknown): readonly unknown[] {
  if (Array.isArray(collection)) {
    return collection;
  }
  if (typeof collection === 'object' && collection !== null) {
    return Object.keys(collection);
  }
  throw new CelError('neither a list nor a map');
}

export function all(collection: unknown, predicate: (item: unknown) => boolean): boolean {
  let failed: unknown;
  for (const item of range(collection)) {
    try {
      if (!predicate(item)) {
        return false;
      }
    } catch (error) {
      failed = error;
    }
  }
  if (failed !== undefined) {
    throw failed;
  }
  return true;
}

export function exists(collection: unknown, predicate: (item: unknown) => boolean): boolean {
  return !all(collection, item => !predicate(item));
}

export function existsOne(collection: unknown, predicate: (item: unknown) => boolean): boolean {
  return filter(collection, predicate).length === 1;
}

export function filter(collection: unknown, predicate: (item: unknown) => boolean): unknown[] {
  return range(collection).filter(predicate);
}

export function size(value: unknown): number {
  return typeof value === 'string' ? [...value].length : range(value).length;
}

export function isIn(value: unknown, collection: unknown): boolean {
  return range(collection).some(item => equal(item, value));
}

export function equal(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && isDeepStrictEqual(a, b));
}

export function text(value: unknown): string {
  if (typeof value !== 'string') {
    throw new CelError('not a text');
  }
  return value;
}

export function number(value: unknown): number {
  if (typeof value !== 'number') {
    throw new CelError('not a number');
  }
  return value;
}

export function matches(value: unknown, pattern: string): boolean {
  return matchesPattern(text(value), pattern);
}

/** Counts characters, as CEL's string extension does, not UTF-16 units. */
export function substring(value: unknown, start: number, end?: number): string {
  const characters = [...text(value)];
  const stop = end ?? characters.length;
  if (start < 0 || start > stop || stop > characters.length) {
    throw new CelError(`no characters ${start} to ${stop}`);
  }
  return characters.slice(start, stop).join('');
}

export function int(value: unknown): number {
  const digits = text(value);
  if (!/^[-+]?[0-9]{1,18}$/.test(digits)) {
    throw new CelError('not a whole number');
  }
  return Number(digits);
}

export function duration(value: unknown): bigint {
  const nanoseconds = parseDuration(text(value));
  if (nanoseconds === undefined) {
    throw new CelError('a duration is written with units, such as "1.5s", "250ms" or "1m30s"');
  }
  return nanoseconds;
}

export function isIp(value: unknown): boolean {
  return ipVersion(text(value)) !== 0;
}

export function isUrl(value: unknown): boolean {
  return urlScheme(text(value)) !== undefined;
}

export function scheme(value: unknown): string {
  const found = urlScheme(text(value));
  if (found === undefined) {
    throw new CelError('a URL is written with its scheme, such as "https://example.com/keys"');
  }
  return found;
}
