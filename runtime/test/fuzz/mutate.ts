import type { Schema } from '../../../imports/checks/schema';
import { schemaOf } from '../../../imports/checks';
import type { Resource } from '../../src/model/resource';
import { groupKind } from '../../src/model/snapshot';
import type { Random } from './random';

/** A place in an object: the value and what the schema says of it. */
interface Spot {
  readonly keys: readonly (string | number)[];
  readonly value: unknown;
  readonly schema: Schema | undefined;
}

const TEXTS: readonly string[] = [
  '', ' ', '*', '*.example.com', '*.com', 'a', 'web', 'web.default.svc.cluster.local', '.', './*', '*/*', '~/*', 'x/y', '-a', 'a..b', 'UPPER', 'ä.example', 'a b', 'a,b',
  '0.0.0.0', '127.0.0.1', '10.0.0.1/24', '10.0.0.0/8', '::1', '::/0', '300.1.1.1', '1.1.1.1/64', 'unix:///run/x.sock', '0s', '1ns', '1ms', '10s', '-1s', '1h', '1000000h', '3', '1.5s',
  '%', '%REQ(x)%', '%%', '(', '[a-z]+', '(?=a)', '(a|b)*', '.*', '\\d', ':method', ':authority', 'host', 'Host', 'content-length', '__proto__', 'constructor', 'toString',
  'v1', 'x'.repeat(300), '\u0000', '\n', 'HTTP', 'true', 'null', '5xx', 'retriable-4xx,503', '/', '//', '/a/b?c=d#e', 'https://a.example/x',
];
const NUMBERS: readonly number[] = [0, 1, -1, 2, 50, 80, 99, 100, 101, 200, 301, 404, 503, 599, 600, 1023, 15001, 15006, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 1e21, 0.5, 1e-9];
const OTHERS: readonly unknown[] = [null, true, false, {}, [], [null], { a: 1 }, 'text', 7];

/** The object with one to three changes. It may be refused afterwards, but must never break anything. */
export function mutate(object: Resource, random: Random): Resource {
  let mutant: unknown = object;
  const changes = 1 + random.below(3);
  for (let i = 0; i < changes; i++) {
    const schema = schemaOf(groupKind(object.apiVersion, object.kind))?.fields?.spec;
    const spots = spotsOf((mutant as Resource).spec, schema, ['spec']);
    mutant = change(mutant, random.pick(spots), random);
  }
  return mutant as Resource;
}

function change(object: unknown, spot: Spot, random: Random): unknown {
  const { keys, value, schema } = spot;
  switch (random.below(8)) {
    case 0:
      return keys.length > 1 ? replaceAt(object, keys, undefined) : object;
    case 1:
      return replaceAt(object, keys, random.pick(OTHERS));
    case 2:
      return Array.isArray(value) && value.length > 0 ? replaceAt(object, keys, [...value, random.pick(value)]) : replaceAt(object, keys, likely(schema, value, random));
    case 3:
      return schema?.fields ? replaceAt(object, [...keys, random.pick(Object.keys(schema.fields))], undefined, (field) => likely(schema.fields?.[String(field)], undefined, random)) : object;
    default:
      return replaceAt(object, keys, likely(schema, value, random));
  }
}

/** A value of the right type, mostly. */
function likely(schema: Schema | undefined, value: unknown, random: Random): unknown {
  if (schema?.enum && random.below(4) > 0) {
    return random.pick(schema.enum);
  }
  switch (schema?.type ?? typeof value) {
    case 'string':
      return random.pick(TEXTS);
    case 'integer':
    case 'number':
      return random.pick(NUMBERS);
    case 'int-or-string':
      return random.below(2) > 0 ? random.pick(TEXTS) : random.pick(NUMBERS);
    case 'boolean':
      return random.below(2) > 0;
    case 'array':
      return Array.from({ length: random.below(3) }, () => likely(schema?.items, undefined, random));
    case 'map':
      return { [random.pick(TEXTS)]: likely(schema?.values, undefined, random) };
    case 'object': {
      const fields = Object.entries(schema?.fields ?? {}).filter(() => random.below(3) === 0);
      return Object.fromEntries(fields.map(([name, inner]) => [name, likely(inner, undefined, random)]));
    }
    default:
      return random.pick(OTHERS);
  }
}

function spotsOf(value: unknown, schema: Schema | undefined, keys: readonly (string | number)[]): Spot[] {
  const here: Spot = { keys, value, schema };
  if (Array.isArray(value)) {
    return [here, ...value.flatMap((item, i) => spotsOf(item, schema?.items, [...keys, i]))];
  }
  if (typeof value === 'object' && value !== null) {
    return [here, ...Object.entries(value).flatMap(([name, inner]) => spotsOf(inner, schema?.fields?.[name] ?? schema?.values, [...keys, name]))];
  }
  return [here];
}

function replaceAt(target: unknown, [key, ...rest]: readonly (string | number)[], value: unknown, make?: (key: string | number) => unknown): unknown {
  const from = (typeof target === 'object' && target !== null ? target : {}) as Record<string | number, unknown>;
  const inner = rest.length === 0 ? (make ? make(key) : value) : replaceAt(from[key], rest, value, make);
  if (Array.isArray(target)) {
    return inner === undefined ? target.filter((_, i) => i !== key) : target.map((item, i) => (i === key ? inner : item));
  }
  const { [key]: _, ...others } = from;
  // Own fields only, whatever their name is.
  return inner === undefined ? others : Object.defineProperty({ ...others }, key, { value: inner, enumerable: true, configurable: true, writable: true });
}
