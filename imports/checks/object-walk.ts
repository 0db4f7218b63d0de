import { CelError } from './cel';
import { withoutDroppedNulls } from './nulls';
import { checkNumber, checkText, count, describeFormats, hasFormat } from './scalar';
import type { Rule, Schema } from './schema';
import { didYouMean } from './spelling';
import { expectedType, hasType, wrongType } from './value-type';
import { renderPath, shown, type Violation } from './violation';

/** The most that is reported about one object. */
const MAX_VIOLATIONS = 100;
/** YAML aliases can make a few bytes a million values; an object of Kubernetes has 1.5 MB. */
const MAX_VALUES = 500_000;
/** The longest list of known fields that a message shows. */
const MAX_SHOWN = 12;

type JsonObject = Readonly<Record<string, unknown>>;

/** One walk over an object along its schema, as the Kubernetes API server does it: defaults, structure, then the CEL rules of what is sound. */
export class ObjectWalk {
  readonly violations: Violation[] = [];
  private readonly path: (string | number)[] = [];
  private values = 0;
  /** What refuses the object: a field that nobody knows is only dropped. */
  private faults = 0;

  /** Checks a value and returns it with the defaults of the schema. */
  visit(value: unknown, schema: Schema): unknown {
    if (++this.values > MAX_VALUES) {
      return this.overflow(value);
    }
    if (value === null) {
      return this.visitNull(schema);
    }
    const before = this.faults;
    const complete = this.visitTyped(value, schema);
    if (schema.rules !== undefined && this.faults === before) {
      schema.rules.forEach(rule => this.applyRule(rule, complete));
    }
    return complete;
  }

  private visitAt(key: string | number, value: unknown, schema: Schema): unknown {
    this.path.push(key);
    const complete = this.visit(value, schema);
    this.path.pop();
    return complete;
  }

  private visitNull(schema: Schema): null {
    if (schema.nullable === undefined) {
      this.report('type', `must be ${expectedType(schema.type)}, got null: leave it out instead`);
    }
    return null;
  }

  private visitTyped(value: unknown, schema: Schema): unknown {
    if (!hasType(value, schema.type)) {
      this.report('type', `must be ${expectedType(schema.type)}, got ${wrongType(value, schema.type)}`);
      return value;
    }
    switch (schema.type) {
      case 'object': return this.visitObject(value as JsonObject, schema);
      case 'map': return this.visitMap(value as JsonObject, schema);
      case 'array': return this.visitList(value as readonly unknown[], schema);
      default: this.visitScalar(value, schema);
    }
    return value;
  }

  private visitScalar(value: unknown, schema: Schema): void {
    const finding = typeof value === 'string' ? checkText(value, schema) : typeof value === 'number' ? checkNumber(value, schema) : undefined;
    if (finding !== undefined) {
      this.report(finding.rule, finding.message);
    }
  }

  private visitObject(object: JsonObject, schema: Schema): JsonObject {
    const fields = schema.fields ?? {};
    const complete = withDefaults(withoutDroppedNulls(object, schema), schema);
    const changed: Record<string, unknown> = {};
    const unknown: string[] = [];
    for (const name of Object.keys(complete)) {
      if (!Object.hasOwn(fields, name)) {
        this.reportUnknown(name, fields);
        unknown.push(name);
        continue;
      }
      const value = complete[name];
      const visited = this.visitAt(name, value, fields[name]);
      if (visited !== value) {
        changed[name] = visited;
      }
    }
    const result = without(Object.keys(changed).length > 0 ? { ...complete, ...changed } : complete, unknown);
    this.checkRequired(result, object, schema);
    this.checkFields(result, schema);
    return result;
  }

  private checkRequired(object: JsonObject, given: JsonObject, { required, fields }: Schema): void {
    for (const name of required ?? []) {
      if (Object.hasOwn(object, name)) {
        continue;
      }
      if (Object.hasOwn(given, name)) {
        this.report('type', `must be ${expectedType(fields![name].type)}, got null`, name);
      } else {
        this.report('required', 'is required', name);
      }
    }
  }

  private checkFields(object: JsonObject, { atMostOneOf, formatsWhen }: Schema): void {
    for (const names of atMostOneOf ?? []) {
      const set = names.filter(name => Object.hasOwn(object, name));
      if (set.length > 1) {
        this.report('one-of', `only one of ${names.join(', ')} can be set, got ${set.join(' and ')}`);
      }
    }
    if (formatsWhen !== undefined && object[formatsWhen.field] === formatsWhen.is) {
      const { field, is, of, formats } = formatsWhen;
      const text = object[of];
      if (typeof text === 'string' && !formats.some(format => hasFormat(text, format))) {
        this.report('format', `must be ${describeFormats(formats)} when ${field} is ${is}, got ${shown(text)}`, of);
      }
    }
  }

  private visitMap(given: JsonObject, schema: Schema): JsonObject {
    const map = withoutDroppedNulls(given, schema);
    const { minProperties = 0, maxProperties = Infinity, values } = schema;
    const names = Object.keys(map);
    if (names.length < minProperties || names.length > maxProperties) {
      const limit = names.length < minProperties ? `at least ${count(minProperties, 'field')}` : `at most ${count(maxProperties, 'field')}`;
      this.report('range', `must have ${limit}, got ${names.length}`);
      return map;
    }
    const complete = names.map(name => [name, this.visitAt(name, map[name], values!)] as const);
    return complete.every(([name, value]) => value === map[name]) ? map : Object.fromEntries(complete);
  }

  private visitList(list: readonly unknown[], schema: Schema): readonly unknown[] {
    const { minItems = 0, maxItems = Infinity, items, uniqueBy } = schema;
    if (list.length < minItems || list.length > maxItems) {
      const limit = list.length < minItems ? `at least ${count(minItems, 'item')}` : `at most ${count(maxItems, 'item')}`;
      this.report('range', `must have ${limit}, got ${list.length}`);
      return list;
    }
    const complete = list.map((item, index) => this.visitAt(index, item, items!));
    if (uniqueBy !== undefined) {
      this.checkUnique(complete, uniqueBy);
    }
    return complete.every((item, index) => item === list[index]) ? list : complete;
  }

  private checkUnique(list: readonly unknown[], uniqueBy: readonly string[]): void {
    const seen = new Map<string, number>();
    list.forEach((item, index) => {
      const key = uniqueBy.length === 0 ? [item] : uniqueBy.map(name => (item as JsonObject | null)?.[name]);
      // Keys are scalars: the schemas declare no others.
      const known = JSON.stringify(key.map(part => (typeof part === 'object' ? index : part ?? null)));
      const first = seen.get(known);
      if (first !== undefined) {
        const what = key.map((part, position) => `${uniqueBy[position] ?? ''} ${shown(part)}`.trim()).join(', ');
        this.report('unique', `must differ from the other items, got ${what} as in item ${first}`, index);
      }
      seen.set(known, first ?? index);
    });
  }

  private applyRule(rule: Rule, value: unknown): void {
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
    this.report('cel', `${rule.message}${got}${reason}`);
  }

  private reportUnknown(name: string, fields: Readonly<Record<string, Schema>>): void {
    const known = Object.keys(fields);
    const hint = didYouMean(name, known) || (known.length <= MAX_SHOWN ? ` (known: ${known.join(', ')})` : '');
    this.report('unknown-field', `unknown field${hint}`, name);
  }

  private report(rule: Violation['rule'], message: string, ...below: readonly (string | number)[]): void {
    this.faults += rule === 'unknown-field' ? 0 : 1;
    if (this.violations.length < MAX_VIOLATIONS) {
      this.violations.push({ path: renderPath([...this.path, ...below]), message, rule });
    }
  }

  private overflow<T>(value: T): T {
    if (this.values === MAX_VALUES + 1) {
      this.report('range', `the object has more than ${MAX_VALUES} values: split it`);
    }
    return value;
  }
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return names.length === 0 ? object : Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** The object with the defaults of fields that are absent, or null where null is not allowed; itself where there are none. */
function withDefaults(object: JsonObject, { fields = {}, defaults }: Schema): JsonObject {
  if (!defaults) {
    return object;
  }
  const missing = Object.entries(fields).filter(([name, field]) => {
    const absent = !Object.hasOwn(object, name) || object[name] === undefined || (object[name] === null && !field.nullable);
    return field.default !== undefined && absent;
  });
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing.map(([name, field]) => [name, field.default])) };
}
