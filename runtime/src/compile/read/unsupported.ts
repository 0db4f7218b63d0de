import { UNSUPPORTED } from '../../features/unsupported';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import { groupKind } from '../../model/snapshot';

/** Tells users of every field they set that is not handled. Nothing is read. */
export function readUnsupported(resource: Resource, place: Place): readonly never[] {
  const fields = UNSUPPORTED[groupKind(resource.apiVersion, resource.kind)] ?? {};
  for (const [path, reason] of Object.entries(fields)) {
    report(resource, place, { steps: path === '' ? [] : path.split('.'), reason });
  }
  return [];
}

function report(value: unknown, place: Place, { steps, reason }: { steps: readonly string[]; reason: string }): void {
  if (value === undefined || value === null) {
    return;
  }
  const [step, ...rest] = steps;
  if (step === undefined) {
    place.problem(`is not handled: ${reason}`, 'warning');
    return;
  }
  const name = step.replace(/\[\]$/, '');
  const next = (value as Record<string, unknown>)[name];
  if (step === name) {
    report(next, place.at(name), { steps: rest, reason });
  } else if (Array.isArray(next)) {
    next.forEach((item, i) => report(item, place.at(name).at(i), { steps: rest, reason }));
  }
}
