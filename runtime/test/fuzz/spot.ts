import type { Schema } from '../../../imports/checks/schema';

export type Keys = readonly (string | number)[];

/** A place in an object: the value and what the schema says of it. */
export interface Spot {
  readonly keys: Keys;
  readonly value: unknown;
  readonly schema: Schema | undefined;
}

/** What makes an object what it is. */
const FIXED: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'status']);

/** All places below the top of an object. */
export function spotsOf(object: unknown, schema: Schema): Spot[] {
  return below(object, schema, []).filter(({ keys: [first] }) => !FIXED.has(String(first)));
}

function below(value: unknown, schema: Schema | undefined, keys: Keys): Spot[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => here(item, schema?.items, [...keys, i]));
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => here(inner, schema?.fields?.[name] ?? schema?.values, [...keys, name]));
}

function here(value: unknown, schema: Schema | undefined, keys: Keys): Spot[] {
  return [{ keys, value, schema }, ...below(value, schema, keys)];
}

/** A copy with another value at one place; without a value the place is gone. */
export function replaceAt(target: unknown, [key, ...rest]: Keys, value: unknown): unknown {
  const from = (typeof target === 'object' && target !== null ? target : {}) as Record<string | number, unknown>;
  const inner = rest.length === 0 ? value : replaceAt(from[key], rest, value);
  if (Array.isArray(target)) {
    return inner === undefined ? target.filter((_, i) => i !== key) : target.map((item, i) => (i === key ? inner : item));
  }
  const { [key]: _, ...others } = from;
  // Own fields only, whatever their name is.
  return inner === undefined ? others : Object.defineProperty({ ...others }, key, { value: inner, enumerable: true, configurable: true, writable: true });
}
