import { UNSUPPORTED } from '../../features/unsupported';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { groupKind } from '../../model/snapshot';
import { Derived } from '../cache';

interface Step {
  readonly name: string;
  /** Every item of a list. */
  readonly each: boolean;
}

interface Field {
  readonly steps: readonly Step[];
  readonly reason: string;
}

/** Paths are taken apart once: every object of a kind is searched for all of them. */
const fieldsOf = new Derived((reasons: Readonly<Record<string, string>>): readonly Field[] => Object.entries(reasons).map(([path, reason]) => ({
  steps: path === '' ? [] : path.split('.').map((step) => ({ name: step.replace(/\[\]$/, ''), each: step.endsWith('[]') })),
  reason,
})));

/** Tells users of every field they set that is not handled. Nothing is read. */
export function readUnsupported(resource: Resource, place: Place): readonly never[] {
  const reasons = UNSUPPORTED[groupKind(resource.apiVersion, resource.kind)];
  for (const field of reasons ? fieldsOf.of(reasons) : []) {
    report(resource, place, field);
  }
  return [];
}

function report(value: unknown, place: Place, field: Field, depth = 0): void {
  if (value === undefined || value === null) {
    return;
  }
  if (depth === field.steps.length) {
    place.problem(`is not handled: ${field.reason}`, 'warning');
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
