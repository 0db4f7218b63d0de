/** Something for which the Kubernetes API server would refuse an object, or drop a field of it. */
export interface Violation {
  /** Path of the field: `spec.http[0].route[1].weight`. */
  readonly path: string;
  /** What is wrong, what was found, what was expected. */
  readonly message: string;
  readonly rule: 'unknown-field' | 'type' | 'enum' | 'required' | 'pattern' | 'format' | 'range' | 'unique' | 'one-of' | 'cel';
}

const LONGEST = 60;

/** A value as messages show it: short texts and numbers themselves, everything else by what it is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
  }
  if (value === null || typeof value !== 'object') {
    return String(value);
  }
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** The path of fields and list indices as people write it: `a.b[0]`, or `a["b/c"]` where a name is not a plain word. */
export function renderPath(keys: readonly (string | number)[]): string {
  let path = '';
  for (const key of keys) {
    if (typeof key === 'number') {
      path += `[${key}]`;
    } else if (/^[A-Za-z_][\w-]{0,59}$/.test(key)) {
      path += path === '' ? key : `.${key}`;
    } else {
      path += `[${shown(key)}]`;
    }
  }
  return path;
}
