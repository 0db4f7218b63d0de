import { isRecord } from '../model/parsed-value';

/** Fields by which Kubernetes tells items of a list apart when it merges them. */
const KEYS = ['name', 'port', 'containerPort', 'mountPath', 'key', 'ip'];

/**
 * A strategic merge patch: objects are merged field by field, `null` removes, lists of named things by name; every other list is replaced.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */
export function overlay(value: unknown, patch: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(patch)) return overlayLists(value, patch);
  if (!isRecord(value) || !isRecord(patch)) return patch;
  const merged: Record<string, unknown> = { ...value };
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete merged[name];
    else setOwn(merged, name, overlay(Object.hasOwn(value, name) ? value[name] : undefined, change));
  }
  return merged;
}

/** `__proto__` is a field name like any other. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function overlayLists(list: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const key = KEYS.find((name) => [...list, ...patch].every((item) => isRecord(item) && item[name] !== undefined));
  if (key === undefined) return [...patch];
  const keyOf = (item: unknown): unknown => (item as Record<string, unknown>)[key];
  const changed = list.map((item) => patch.filter((other) => keyOf(other) === keyOf(item)).reduce(overlay, item));
  return [...changed, ...patch.filter((item) => !list.some((other) => keyOf(other) === keyOf(item)))];
}
