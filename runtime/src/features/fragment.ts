/** Fields that several rooms write parts of. Everything else is one value: durations of two rooms must not become their sum. */
const SHARED: ReadonlySet<string> = new Set([
  'route', 'typedPerFilterConfig', 'commonLbConfig', 'commonHttpProtocolOptions', 'upstreamHttpProtocolOptions',
]);

/** Puts fragments together: shared objects field by field, lists one after the other, of other values the last. */
export function merge<T extends object>(...fragments: readonly (T | undefined)[]): T {
  const merged: Record<string, unknown> = {};
  for (const fragment of fragments) {
    for (const [field, value] of Object.entries(fragment ?? {})) {
      if (value !== undefined) {
        merged[field] = mergeField(field, merged[field], value);
      }
    }
  }
  return merged as T;
}

function mergeField(field: string, before: unknown, after: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(after)) {
    return [...before, ...after];
  }
  return SHARED.has(field) && typeof before === 'object' && before !== null ? merge(before, after as object) : after;
}
