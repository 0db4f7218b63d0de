import type { Format, FormatsWhen, Schema } from '../checks/schema';
import { translateRule, Untranslatable } from './cel-translation';
import type { CelRule, JsonSchema } from './json-schema';

/** A rule as source: `holds` is the text of a function. */
export interface RuleSource {
  readonly message: string;
  readonly cel: string;
  readonly holds: string;
}

/** A compact schema whose rules are source. */
export type SchemaSource = Omit<Schema, 'rules' | 'fields' | 'values' | 'items'> & {
  readonly fields?: Readonly<Record<string, SchemaSource>>;
  readonly values?: SchemaSource;
  readonly items?: SchemaSource;
  readonly rules?: readonly RuleSource[];
};

/** Receives each rule that is left out. */
export type OnSkipped = (path: string, cel: string, reason: string) => void;

const CARRIED = ['pattern', 'format', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'default', 'required', 'enum'] as const;
/** Keywords that need no check: words, how `kubectl apply` merges, and what is handled by name below. */
const HANDLED: ReadonlySet<string> = new Set([
  ...CARRIED, 'type', 'description', 'properties', 'items', 'additionalProperties', 'nullable', 'allOf', 'oneOf', 'anyOf', 'x-kubernetes-map-type',
  'x-kubernetes-int-or-string', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-validations',
]);

/** The compact form of a CRD's schema. Throws for a keyword or combination that the checks do not know: nothing is lost in silence. */
export function compactSchema(schema: JsonSchema, path: string, onSkipped: OnSkipped): SchemaSource {
  const unknown = Object.keys(schema).find(keyword => !HANDLED.has(keyword));
  if (unknown !== undefined) {
    throw new Error(`${path}: unknown keyword ${unknown}`);
  }
  const compact: Record<string, unknown> = { type: typeOf(schema, path), ...structure(schema, path, onSkipped), ...combinations(schema, path) };
  for (const keyword of CARRIED) {
    if (schema[keyword] !== undefined) {
      compact[keyword] = schema[keyword];
    }
  }
  if (schema.nullable) {
    compact.nullable = true;
  }
  if (hasDefaults(compact as SchemaSource)) {
    compact.defaults = true;
  }
  const rules = (schema['x-kubernetes-validations'] ?? []).flatMap(rule => translated(rule, path, onSkipped));
  if (rules.length > 0) {
    compact.rules = rules;
  }
  return compact as unknown as SchemaSource;
}

function typeOf(schema: JsonSchema, path: string): Schema['type'] {
  if (schema['x-kubernetes-int-or-string']) {
    return 'int-or-string';
  }
  if (schema.type !== 'object') {
    if (schema.type === undefined) {
      throw new Error(`${path}: a value of any type is not expected`);
    }
    return schema.type;
  }
  if (typeof schema.additionalProperties === 'object') {
    return 'map';
  }
  return schema['x-kubernetes-preserve-unknown-fields'] ? 'open' : 'object';
}

function structure(schema: JsonSchema, path: string, onSkipped: OnSkipped): Partial<SchemaSource> {
  if (schema.items !== undefined) {
    return { items: compactSchema(schema.items, `${path}[]`, onSkipped), ...uniqueness(schema) };
  }
  if (typeof schema.additionalProperties === 'object') {
    const values = compactSchema(schema.additionalProperties, `${path}{}`, onSkipped);
    if (values.defaults) {
      throw new Error(`${path}: defaults inside the values of a map`);
    }
    return { values };
  }
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, compactSchema(property, `${path}.${name}`, onSkipped)]);
  return fields.length === 0 ? {} : { fields: Object.fromEntries(fields) };
}

function uniqueness(schema: JsonSchema): Partial<SchemaSource> {
  switch (schema['x-kubernetes-list-type']) {
    case 'set': return { uniqueBy: [] };
    case 'map': return { uniqueBy: schema['x-kubernetes-list-map-keys'] };
    default: return {};
  }
}

function hasDefaults({ fields = {}, items }: SchemaSource): boolean {
  return Object.values(fields).some(field => field.default !== undefined || field.defaults) || items?.defaults === true;
}

function translated(rule: CelRule, path: string, onSkipped: OnSkipped): RuleSource[] {
  try {
    return [{ message: (rule.message ?? `does not fulfil ${rule.rule}`).replace(/\.$/, ''), cel: rule.rule, holds: translateRule(rule.rule) }];
  } catch (error) {
    if (!(error instanceof Untranslatable)) {
      throw error;
    }
    onSkipped(path, rule.rule, error.message);
    return [];
  }
}

function combinations(schema: JsonSchema, path: string): Pick<Schema, 'atMostOneOf' | 'formatsWhen'> {
  const alternatives = [schema, ...(schema.allOf ?? [])].flatMap(part => (part.oneOf === undefined ? [] : [part.oneOf]));
  if (schema.anyOf !== undefined && !schema['x-kubernetes-int-or-string']) {
    throw new Error(`${path}: anyOf is not expected here`);
  }
  const groups: (readonly string[])[] = [];
  let formatsWhen: FormatsWhen | undefined;
  for (const alternative of alternatives) {
    const group = atMostOne(alternative);
    formatsWhen ??= group === undefined ? addressFormats(alternative) : undefined;
    if (group === undefined && formatsWhen === undefined) {
      throw new Error(`${path}: unknown oneOf ${JSON.stringify(alternative)}`);
    }
    if (group !== undefined && group.length > 1) {
      groups.push(group);
    }
  }
  return { ...(groups.length > 0 ? { atMostOneOf: groups } : {}), ...(formatsWhen ? { formatsWhen } : {}) };
}

/** Istio's form of a protobuf oneof: none of the fields, or exactly one. */
function atMostOne([none, ...each]: readonly JsonSchema[]): readonly string[] | undefined {
  const names = none.not?.anyOf?.map(requiredField);
  const same = names !== undefined && each.length === names.length && each.every((part, index) => requiredField(part) === names[index]);
  return same && !names.includes(undefined) ? (names as string[]) : undefined;
}

function requiredField(schema: JsonSchema): string | undefined {
  return Object.keys(schema).join() === 'required' && schema.required!.length === 1 ? schema.required![0] : undefined;
}

/** The Gateway API's form of an address: with one type its value has one of some formats, with another it is free. */
function addressFormats([first, second]: readonly JsonSchema[]): FormatsWhen | undefined {
  const [field, of] = Object.keys(first.properties ?? {});
  const is = first.properties?.[field].enum;
  const formats = of === undefined ? undefined : first.properties?.[of].anyOf?.map(part => part.format as Format);
  const otherwise = JSON.stringify(second) === JSON.stringify({ properties: { [field]: { not: { enum: is } } } });
  return otherwise && is?.length === 1 && formats !== undefined ? { field, is: String(is[0]), of, formats } : undefined;
}
