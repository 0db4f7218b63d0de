import { HARMLESS, UNSUPPORTED } from '../../features/unsupported';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { groupKind } from '../../model/snapshot';

interface Step {
  readonly name: string;
  /** Every item of a list. */
  readonly each: boolean;
}

interface Field {
  readonly steps: readonly Step[];
  readonly reason: string;
  /** Values that deserve no Problem; `true`: all. */
  readonly harmless: readonly unknown[] | true;
}

/** Paths are taken apart once: every object of a kind is searched for all of them. */
const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(Object.entries(UNSUPPORTED).map(([kind, reasons]) => [kind, fieldsOf(kind, reasons)]));

function fieldsOf(kind: string, reasons: Readonly<Record<string, string>>): Field[] {
  return Object.entries(reasons).map(([path, reason]) => ({
    steps: path === '' ? [] : path.split('.').map((step) => ({ name: step.replace(/\[\]$/, ''), each: step.endsWith('[]') })),
    reason,
    harmless: HARMLESS[kind]?.[path] ?? [],
  }));
}

/** Tells users of every field they set that is not handled. Nothing is read. */
export function readUnsupported(resource: Resource, place: Place): readonly never[] {
  for (const field of FIELDS.get(groupKind(resource.apiVersion, resource.kind)) ?? []) {
    report(resource, place, field);
  }
  return [];
}

/** The same for a `spec` that stands somewhere else: at `place`. */
export function reportUnsupported(kind: string, { spec }: { readonly spec: unknown }, place: Place): void {
  for (const field of FIELDS.get(kind) ?? []) {
    report(spec, place, { ...field, steps: field.steps.slice(1) });
  }
}

function report(value: unknown, place: Place, field: Field, depth = 0): void {
  if (value === undefined || value === null) {
    return;
  }
  if (depth === field.steps.length) {
    if (field.harmless !== true && !field.harmless.includes(value)) {
      place.problem(`is not handled: ${field.reason}`, 'warning');
    }
    return;
  }
  const { name, each } = field.steps[depth];
  const next = (value as Record<string, unknown>)[name];
  if (each && Array.isArray(next)) {
    next.forEach((item, i) => report(item, place.at(name).at(i), field, depth + 1));
  } else if (!each && next !== undefined) {
    report(next, place.at(name), field, depth + 1);
  }
}
