/** The value at a path such as `reviews[0].rating.stars` of a JSON text; undefined if there is none. `[]` alone is the length of a list. */
export function jsonAt(text: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d*)\]/g)) {
    if (index === '') value = Array.isArray(value) ? value.length : undefined;
    else value = own(value, key ?? index);
  }
  return value;
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
