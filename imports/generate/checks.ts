import type { SkippedRule } from '../checks/schema';
import { compactSchema, type RuleSource, type SchemaSource } from './compact-schema';
import type { Kind } from './definitions';
import { kebabCase, propertyName, quoted } from './names';

/** Shorter literals are repeated, longer ones are named where they stand more than once. */
const WORTH_A_NAME = 90;
const LINE = 150;

/** The source of a kind's schema and rules. Rules that cannot be translated go to `skipped`. */
export function emitChecks(kind: Kind, skipped: SkippedRule[]): string {
  const groupKind = `${kind.group}/${kind.kind}`;
  const spec = compactSchema(kind.schema.properties!.spec, 'spec', (path, cel, reason) => skipped.push({ groupKind, path, cel, reason }));
  const required = kind.schema.required?.filter(name => name === 'spec') ?? [];
  const root: SchemaSource = { type: 'object', fields: { spec }, ...(required.length > 0 ? { required } : {}), ...(spec.defaults ? { defaults: true } : {}) };
  return new ChecksFile().emit(root);
}

/** A literal of nested objects; texts in `Verbatim` are source already. */
class Verbatim {
  constructor(readonly source: string) {}
}

class ChecksFile {
  private readonly uses = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();
  private declarations = '';

  emit(root: SchemaSource): string {
    this.countUses(root, new Set());
    const literal = this.schema(root, '');
    const imports = (this.declarations.includes('cel.') ? "import * as cel from '../cel';\n" : '')
      + (this.declarations.includes(': Rule =') ? "import type { Rule, Schema } from '../schema';\n" : "import type { Schema } from '../schema';\n");
    return `\n${imports}\n${this.declarations}export const schema: Schema = ${literal};\n`;
  }

  /** Counts a shape once for each different place: what stands inside a shared shape is shared with it. */
  private countUses(schema: SchemaSource, seen: Set<string>): void {
    const key = JSON.stringify(schema);
    this.uses.set(key, (this.uses.get(key) ?? 0) + 1);
    if (seen.has(key)) {
      return;
    }
    seen.add(key);
    for (const child of [...Object.values(schema.fields ?? {}), schema.items, schema.values]) {
      if (child !== undefined) {
        this.countUses(child, seen);
      }
    }
  }

  private schema(schema: SchemaSource, field: string): string {
    const key = JSON.stringify(schema);
    const known = this.names.get(key);
    if (known !== undefined) {
      return known;
    }
    const { fields, items, values, rules, ...rest } = schema;
    const literal = object({
      ...rest,
      ...(fields && { fields: Object.fromEntries(Object.entries(fields).map(([name, child]) => [name, new Verbatim(this.schema(child, name))])) }),
      ...(items && { items: new Verbatim(this.schema(items, singular(field))) }),
      ...(values && { values: new Verbatim(this.schema(values, singular(field))) }),
      ...(rules && { rules: rules.map(rule => new Verbatim(this.rule(rule, field))) }),
    });
    const worthIt = literal.length > WORTH_A_NAME && (this.uses.get(key)! > 1 || literal.length > 4 * LINE) && field !== '';
    return worthIt ? this.declare(key, `${field}Schema`, 'Schema', literal) : literal;
  }

  private rule(rule: RuleSource, field: string): string {
    const key = JSON.stringify(rule);
    const literal = object({ message: rule.message, cel: rule.cel, holds: new Verbatim(rule.holds) });
    return this.names.get(key) ?? this.declare(key, `${field}Rule`, 'Rule', literal);
  }

  private declare(key: string, wanted: string, type: string, literal: string): string {
    const base = wanted.replace(/\W/g, '');
    let name = base;
    for (let number = 2; this.taken.has(name); number++) {
      name = `${base}${number}`;
    }
    this.taken.add(name);
    this.names.set(key, name);
    this.declarations += `const ${name}: ${type} = ${literal};\n\n`;
    return name;
  }
}

function singular(field: string): string {
  return field.replace(/(?<=[a-z]{3})s$/, '');
}

function object(entries: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(entries).map(([name, value]) => `${propertyName(name)}: ${source(value)}`);
  return wrapped('{', parts, '}', ' ');
}

function source(value: unknown): string {
  if (value instanceof Verbatim) {
    return value.source;
  }
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (Array.isArray(value)) {
    return wrapped('[', value.map(source), ']', '');
  }
  return typeof value === 'object' && value !== null ? object(value as Record<string, unknown>) : JSON.stringify(value);
}

function wrapped(open: string, parts: readonly string[], close: string, space: string): string {
  const line = `${open}${space}${parts.join(', ')}${space}${close}`;
  if (parts.length === 0) {
    return `${open}${close}`;
  }
  return line.length <= LINE && !line.includes('\n') ? line : `${open}\n${parts.map(part => `  ${part.replace(/\n/g, '\n  ')},\n`).join('')}${close}`;
}

/** The file that knows where each kind's checks are, loads them when first asked for, and lists what is not checked. */
export function emitKinds(kinds: readonly Kind[], skipped: readonly SkippedRule[]): string {
  const loaders = kinds.map(({ group, kind, pin }) => {
    const path = `./${pin.folder}/${kebabCase(kind)}`;
    return `  ${quoted(`${group}/${kind}`)}: () => (require(${quoted(path)}) as Checks).schema,\n`;
  });
  return `
import type { Schema, SkippedRule } from './schema';

interface Checks {
  readonly schema: Schema;
}

/** The schema of each kind, loaded when it is first asked for. */
export const KINDS: Readonly<Record<string, () => Schema>> = {
${loaders.join('')}};

/** Rules of the pinned definitions that are not checked. */
export const SKIPPED_RULES: readonly SkippedRule[] = ${source(skipped)};
`;
}
