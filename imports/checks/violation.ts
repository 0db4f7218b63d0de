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

/** The path of a field of an object: `a.b`, or `a["b/c"]` where the name is not a plain word. */
export function fieldPath(path: string, field: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(field)) {
    return `${path}[${JSON.stringify(field)}]`;
  }
  return path === '' ? field : `${path}.${field}`;
}
