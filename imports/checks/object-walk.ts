import { CelError } from './cel';
import { checkNumber, checkText, count, describeFormats, hasFormat } from './scalar';
import type { Rule, Schema } from './schema';
import { didYouMean } from './spelling';
import { fieldPath, shown, type Violation } from './violation';

/** The most that is reported about one object. */
const MAX_VIOLATIONS = 100;
/** YAML aliases can make a few bytes a million values; an object of Kubernetes has 1.5 MB. */
const MAX_VALUES = 500_000;

type JsonObject = Readonly<Record<string, unknown>>;

/** One walk over an object along its schema, as the Kubernetes API server does it: defaults, structure, then the CEL rules of what is sound. */
export class ObjectWalk {
  readonly violations: Violation[] = [];
  private values = 0;

  /** Checks a value and returns it with the defaults of the schema. */
  visit(value: unknown, schema: Schema, path: string): unknown {
    if (++this.values > MAX_VALUES) {
      return this.overflow(path, value);
    }
    if (value === null) {
      return this.visitNull(schema, path);
    }
    const before = this.violations.length;
    const complete = this.visitTyped(value, schema, path);
    if (schema.rules !== undefined && this.violations.length === before) {
      schema.rules.forEach(rule => this.applyRule(rule, complete, path));
    }
    return complete;
  }

  private visitNull(schema: Schema, path: string): null {
    if (schema.nullable === undefined) {
      this.report(path, 'type', `must be ${TYPES[schema.type]}, got null: leave the field out instead`);
    }
    return null;
  }

  private visitTyped(value: unknown, schema: Schema, path: string): unknown {
    if (!hasType(value, schema.type)) {
      this.report(path, 'type', `must be ${TYPES[schema.type]}, got ${wrong(value, schema.type)}`);
      return value;
    }
    switch (schema.type) {
      case 'object': return this.visitObject(value as JsonObject, schema, path);
      case 'map': return this.visitMap(value as JsonObject, schema, path);
      case 'array': return this.visitList(value as readonly unknown[], schema, path);
      default: this.visitScalar(value, schema, path);
    }
    return value;
  }

  private visitScalar(value: unknown, schema: Schema, path: string): void {
    const finding = typeof value === 'string' ? checkText(value, schema) : typeof value === 'number' ? checkNumber(value, schema) : undefined;
    if (finding !== undefined) {
      this.report(path, finding.rule, finding.message);
    }
  }

  private visitObject(object: JsonObject, schema: Schema, path: string): JsonObject {
    const fields = schema.fields ?? {};
    const complete = withDefaults(object, schema);
    let result = complete;
    for (const name of Object.keys(complete)) {
      if (!Object.hasOwn(fields, name)) {
        this.reportUnknown(path, name, fields);
        continue;
      }
      const visited = this.visit(complete[name], fields[name], fieldPath(path, name));
      if (visited !== complete[name]) {
        result = result === object || result === complete ? { ...result } : result;
        (result as Record<string, unknown>)[name] = visited;
      }
    }
    this.checkFields(result, schema, path);
    return result;
  }

  private checkFields(object: JsonObject, schema: Schema, path: string): void {
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(object, name)) {
        this.report(fieldPath(path, name), 'required', 'is required');
      }
    }
    for (const names of schema.atMostOneOf ?? []) {
      const set = names.filter(name => Object.hasOwn(object, name));
      if (set.length > 1) {
        this.report(path, 'one-of', `only one of ${names.join(', ')} can be set, got ${set.join(' and ')}`);
      }
    }
    const when = schema.formatsWhen;
    const text = when === undefined ? undefined : object[when.of];
    if (when !== undefined && object[when.field] === when.is && typeof text === 'string' && !when.formats.some(format => hasFormat(text, format))) {
      this.report(fieldPath(path, when.of), 'format', `must be ${describeFormats(when.formats)} when ${when.field} is ${when.is}, got ${shown(text)}`);
    }
  }

  private visitMap(map: JsonObject, schema: Schema, path: string): JsonObject {
    const { minProperties = 0, maxProperties = Infinity } = schema;
    const names = Object.keys(map);
    if (names.length < minProperties || names.length > maxProperties) {
      const limit = names.length < minProperties ? `at least ${count(minProperties, 'field')}` : `at most ${count(maxProperties, 'field')}`;
      this.report(path, 'range', `must have ${limit}, got ${names.length}`);
      return map;
    }
    // Values of maps have no defaults in the pinned definitions; the generator sees to it.
    names.forEach(name => this.visit(map[name], schema.values!, fieldPath(path, name)));
    return map;
  }

  private visitList(list: readonly unknown[], schema: Schema, path: string): readonly unknown[] {
    const { minItems = 0, maxItems = Infinity, items, uniqueBy } = schema;
    if (list.length < minItems || list.length > maxItems) {
      const limit = list.length < minItems ? `at least ${count(minItems, 'item')}` : `at most ${count(maxItems, 'item')}`;
      this.report(path, 'range', `must have ${limit}, got ${list.length}`);
      return list;
    }
    const complete = list.map((item, index) => this.visit(item, items!, `${path}[${index}]`));
    if (uniqueBy !== undefined) {
      this.checkUnique(complete, uniqueBy, path);
    }
    return items!.defaults ? complete : list;
  }

  private checkUnique(list: readonly unknown[], uniqueBy: readonly string[], path: string): void {
    const seen = new Map<string, number>();
    list.forEach((item, index) => {
      const key = uniqueBy.length === 0 ? item : uniqueBy.map(name => (item as JsonObject | null)?.[name]);
      const known = JSON.stringify(key);
      const first = seen.get(known);
      if (first !== undefined) {
        const what = uniqueBy.length === 0 ? shown(item) : uniqueBy.map((name, at) => `${name} ${shown((key as unknown[])[at])}`).join(', ');
        this.report(`${path}[${index}]`, 'unique', `must differ from the other items, got ${what} as in ${path}[${first}]`);
      }
      seen.set(known, first ?? index);
    });
  }

  private applyRule(rule: Rule, value: unknown, path: string): void {
    let reason = '';
    try {
      if (rule.holds(value)) {
        return;
      }
    } catch (error) {
      if (!(error instanceof CelError)) {
        throw error;
      }
      reason = `: ${error.message}`;
    }
    const got = typeof value === 'object' ? '' : `, got ${shown(value)}`;
    this.report(path, 'cel', `${rule.message}${got}${reason}`);
  }

  private reportUnknown(path: string, name: string, fields: Readonly<Record<string, Schema>>): void {
    const known = Object.keys(fields);
    const hint = didYouMean(name, known) || (known.length <= 12 ? ` (known: ${known.join(', ')})` : '');
    this.report(fieldPath(path, name), 'unknown-field', `unknown field${hint}`);
  }

  private report(path: string, rule: Violation['rule'], message: string): void {
    if (this.violations.length < MAX_VIOLATIONS) {
      this.violations.push({ path, message, rule });
    }
  }

  private overflow<T>(path: string, value: T): T {
    if (this.values === MAX_VALUES + 1) {
      this.report(path, 'range', `the object has more than ${MAX_VALUES} values: split it`);
    }
    return value;
  }
}

/** The object with the defaults of fields that are absent; itself where there are none. */
function withDefaults(object: JsonObject, { fields = {}, defaults }: Schema): JsonObject {
  if (!defaults) {
    return object;
  }
  const missing = Object.entries(fields).filter(([name, field]) => field.default !== undefined && (object[name] ?? undefined) === undefined);
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing.map(([name, field]) => [name, field.default])) };
}

const TYPES: Readonly<Record<Schema['type'], string>> = {
  'object': 'an object',
  'open': 'an object',
  'map': 'an object',
  'array': 'a list',
  'string': 'a text',
  'integer': 'a whole number',
  'number': 'a number',
  'boolean': 'true or false',
  'int-or-string': 'a whole number or a text',
};

function hasType(value: unknown, type: Schema['type']): boolean {
  switch (type) {
    case 'object':
    case 'open':
    case 'map': return typeof value === 'object' && !Array.isArray(value);
    case 'array': return Array.isArray(value);
    case 'string': return typeof value === 'string';
    case 'boolean': return typeof value === 'boolean';
    case 'int-or-string': return typeof value === 'string' || typeof value === 'number';
    default: return typeof value === 'number';
  }
}

/** A value of the wrong type, and how to mend the usual mistakes of quoting. */
function wrong(value: unknown, type: Schema['type']): string {
  if (typeof value === 'string') {
    const unquoted = /^-?\d+(\.\d+)?$/.test(value) ? 'integer number' : /^(true|false)$/.test(value) ? 'boolean' : '';
    return `the text ${shown(value)}${unquoted.split(' ').includes(type) ? ': write it without quotes' : ''}`;
  }
  return `${shown(value)}${type === 'string' && typeof value !== 'object' ? ': write it in quotes' : ''}`;
}
