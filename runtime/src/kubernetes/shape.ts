import { isIP } from 'node:net';
import { isRecord } from '../model/parsed-value';

/**
 * What a value must look like, as far as we read it. Fields that a shape does not name are free: the Kubernetes API has many more, and newer
 * ones, than we know.
 */
export type Shape =
  | { readonly type: 'string' | 'boolean' | 'integer' | 'integer or string' | 'port' | 'port or name' | 'port name' | 'label' | 'address' }
  | { readonly type: 'list' | 'map'; readonly of: Shape }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Shape>>; readonly required: readonly string[] };

export const text: Shape = { type: 'string' };
export const flag: Shape = { type: 'boolean' };
export const integer: Shape = { type: 'integer' };
export const numberOrName: Shape = { type: 'integer or string' };
/** From 1 to 65535. */
export const port: Shape = { type: 'port' };
export const portOrName: Shape = { type: 'port or name' };
/** Of a container's port: as IsValidPortName of k8s.io/apimachinery has it. An empty name is none. */
export const portName: Shape = { type: 'port name' };
/** As IsDNS1123Label of k8s.io/apimachinery has it. An empty name is none. */
export const label: Shape = { type: 'label' };
export const address: Shape = { type: 'address' };
export const list = (of: Shape): Shape => ({ type: 'list', of });
export const map = (of: Shape): Shape => ({ type: 'map', of });
export const object = (fields: Readonly<Record<string, Shape>>, ...required: string[]): Shape => ({ type: 'object', fields, required });

/** The first place where a value differs from its shape. */
export interface Misfit {
  readonly path: string;
  readonly message: string;
}

export function misfit(shape: Shape, value: unknown, path = ''): Misfit | undefined {
  switch (shape.type) {
    case 'list':
      if (!Array.isArray(value)) return wrong(path, 'a list', value);
      return firstItem(shape.of, value, path);
    case 'map':
      if (!isRecord(value)) return wrong(path, 'a map', value);
      return first(Object.entries(value).map(([key, item]) => [`${path}[${JSON.stringify(key)}]`, shape.of, item]));
    case 'object': {
      if (!isRecord(value)) return wrong(path, 'an object', value);
      const missing = shape.required.find((name) => value[name] == null);
      if (missing) return { path: join(path, missing), message: 'is missing' };
      return first(Object.entries(shape.fields).map(([name, field]) => [join(path, name), field, Object.hasOwn(value, name) ? value[name] : undefined]));
    }
    default:
      return scalar(shape.type, value) ? undefined : wrong(path, NOUNS[shape.type], value);
  }
}

/** A null is an absent field, as in the Kubernetes API. */
function first(parts: readonly (readonly [string, Shape, unknown])[]): Misfit | undefined {
  for (const [path, shape, value] of parts) {
    const found = value == null ? undefined : misfit(shape, value, path);
    if (found) return found;
  }
  return undefined;
}

/** An item cannot be absent. */
function firstItem(shape: Shape, items: readonly unknown[], path: string): Misfit | undefined {
  for (const [index, item] of items.entries()) {
    const found = misfit(shape, item, `${path}[${index}]`);
    if (found) return found;
  }
  return undefined;
}

function scalar(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer or string': return typeof value === 'string' || Number.isSafeInteger(value);
    case 'port or name': return isPortName(value) || isPort(value);
    case 'port name': return value === '' || isPortName(value);
    case 'label': return typeof value === 'string' && /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/.test(value);
    case 'port': return isPort(value);
    case 'address': return typeof value === 'string' && isIP(value) !== 0;
    case 'integer': return Number.isSafeInteger(value);
    default: return typeof value === type;
  }
}

/** The value without its null fields, which are absent ones in the Kubernetes API; itself where there are none. */
export function withoutNulls<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.every((item, i) => item === value[i]) ? value : items as T;
  }
  const fields = Object.entries(value).map(([name, field]) => [name, withoutNulls(field)] as const);
  const same = fields.every(([name, field]) => field !== null && field === (value as Record<string, unknown>)[name]);
  return same ? value : Object.fromEntries(fields.filter(([, field]) => field !== null)) as T;
}

function wrong(path: string, expected: string, value: unknown): Misfit {
  const got = Array.isArray(value) ? 'a list' : isRecord(value) ? 'an object' : JSON.stringify(value) ?? typeof value;
  return { path, message: `must be ${expected}, got ${got.length > 60 ? `${got.slice(0, 57)}…` : got}` };
}

const isPort = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
const isPortName = (value: unknown): boolean => typeof value === 'string' && /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/.test(value);
const join = (path: string, name: string): string => (path ? `${path}.${name}` : name);
const NOUNS = {
  'string': 'text', 'boolean': 'a boolean', 'integer': 'an integer', 'integer or string': 'an integer or string',
  'port': 'a port between 1 and 65535', 'port or name': 'a port between 1 and 65535, or the name of a container\'s port',
  'port name': 'a name of at most 15 lower-case letters, digits and single dashes between them, with a letter',
  'label': 'at most 63 lower-case letters, digits, and dashes between them', 'address': 'an IP address',
} as const;
