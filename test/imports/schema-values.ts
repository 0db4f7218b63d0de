import * as fc from 'fast-check';
import type { Schema } from '../../imports/checks';

/** Texts that the rules of the pinned definitions tell apart, beside those that they name themselves. */
const TEXTS = [
  '', 'a', 'b', '*', 'a*', '*.example.com', 'example.com', 'Example_com', '10.0.0.1', '10.0.0.0/8', '::1', 'a/b', '/', '//', 'unix:///run/a.sock', 'unix:///run/', 'unix://@a', 'unix://a',
  '0s', '1ms', '0.5ms', '5', '5s', '1h30m', '-1s', 'http://a.example/x', 'https://a.example', 'file:///a', 'oci://a.example/b', 'ftp://a.example', '/absolute', 'no url',
  `${'a'.repeat(260)}/b`, `${'a.'.repeat(40)}b/c`, '/a/./b', '/a/../b', '/a%2fb', '/a%2Fb', '/a#b', '/a/..', '/a/.', '/a b', '.a.b', '9', 'A.B',
];
const NUMBERS = [-1, 0, 1, 2, 50, 80, 100, 65535, 65536];

/** Well-typed values of a schema that differ in what a rule looks at. */
export function schemaValues(schema: Schema, cel: string): fc.Arbitrary<unknown> {
  const named = [...cel.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map(([, single, double]) => single ?? double);
  return valuesOf(schema, { texts: [...named, ...named, ...TEXTS], fields: new Set(cel.match(/\w+/g)) });
}

/** Values that follow a schema here and there, and are any JSON elsewhere. */
export function wildValues(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const any = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...TEXTS, ...NUMBERS, null));
  if (depth > 6) {
    return any;
  }
  const along = (child: Schema) => wildValues(child, depth + 1);
  switch (schema.type) {
    case 'object': return fc.oneof({ weight: 8, arbitrary: someFields(schema, along) }, { weight: 1, arbitrary: any });
    case 'map': return fc.oneof(fc.dictionary(fc.constantFrom('a', '80', '__proto__'), along(schema.values!), { maxKeys: 2 }), any);
    case 'array': return fc.oneof({ weight: 4, arbitrary: fc.array(along(schema.items!), { maxLength: 2 }) }, { weight: 1, arbitrary: any });
    default: return any;
  }
}

/** At most three fields at a time: whole objects of some kinds would be huge. */
function someFields({ fields = {} }: Schema, along: (child: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const names = Object.keys(fields);
  return fc.subarray(names, { maxLength: Math.min(3, names.length) })
    .chain(chosen => fc.record(Object.fromEntries(chosen.map(name => [name, along(fields[name])]))));
}

interface Hints {
  readonly texts: readonly string[];
  /** Words of the rule: a field that it does not name is left out where it may be. */
  readonly fields: ReadonlySet<string>;
}

function valuesOf(schema: Schema, hints: Hints): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object': return objects(schema, hints);
    case 'map': return fc.dictionary(fc.oneof(fc.constantFrom(...hints.texts), fc.constantFrom('80', '0', '70000')), valuesOf(schema.values!, hints), { maxKeys: 3 });
    case 'array': return lists(valuesOf(schema.items!, hints));
    case 'string': return texts(schema, hints);
    case 'boolean': return fc.boolean();
    case 'open': return fc.constant({});
    default: return schema.enum === undefined ? fc.constantFrom(...NUMBERS) : fc.constantFrom(...schema.enum);
  }
}

function objects({ fields = {}, required = [] }: Schema, hints: Hints): fc.Arbitrary<unknown> {
  const always = Object.keys(fields).filter(name => required.includes(name) || fields[name].default !== undefined);
  const looked = Object.keys(fields).filter(name => hints.fields.has(name) || hints.fields.has(`__${name}__`) || always.includes(name));
  const model = Object.fromEntries(looked.map(name => [name, valuesOf(fields[name], hints)]));
  return fc.record(model, { requiredKeys: always, noNullPrototype: true });
}

/** Lists, half of them with items that are equal or differ in a few fields only, as rules on uniqueness need them. */
function lists(item: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const alike = fc.tuple(item, item, fc.func(fc.boolean())).map(([a, b, taken]) => [a, isObject(a) && isObject(b) ? mixed(a, b, taken) : a]);
  return fc.oneof(fc.array(item, { maxLength: 4 }), alike);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mixed(a: Record<string, unknown>, b: Record<string, unknown>, taken: (field: string) => boolean): unknown {
  const fields = Object.keys({ ...a, ...b });
  return Object.fromEntries(fields.map(field => [field, (taken(field) ? b : a)[field]]).filter(([, value]) => value !== undefined));
}

function texts(schema: Schema, hints: Hints): fc.Arbitrary<unknown> {
  // Some rules repeat what the enum says: only a word outside it is refused by them.
  const any = fc.constantFrom(...(schema.enum === undefined ? hints.texts : [...schema.enum, ...schema.enum, 'Other']));
  return schema.default === undefined ? any : fc.oneof(fc.constant(schema.default), any);
}
