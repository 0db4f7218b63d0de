/** Puts fragments together: objects field by field, lists one after the other, of plain values the last. */
export function merge<T extends object>(...fragments: readonly (T | undefined)[]): T {
  const merged: Record<string, unknown> = {};
  for (const fragment of fragments) {
    for (const [field, value] of Object.entries(fragment ?? {})) {
      if (value !== undefined) {
        merged[field] = mergeValues(merged[field], value);
      }
    }
  }
  return merged as T;
}

function mergeValues(before: unknown, after: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(after)) {
    return [...before, ...after];
  }
  return isPlain(before) && isPlain(after) ? merge(before, after) : after;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
