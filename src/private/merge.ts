/** Plain data. */
export type Plain = Readonly<Record<string, unknown>>;

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/** `over` laid over `under`: objects are joined field by field, everything else (lists too) is replaced. Nothing given is changed. */
export function merge<T>(under: T, over: unknown): T {
  if (!isPlain(under) || !isPlain(over)) {
    return (over === undefined ? under : over) as T;
  }
  const joined = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    joined.set(key, joined.has(key) ? merge(joined.get(key), value) : value);
  }
  return Object.fromEntries(joined) as T;
}

/** The fields that are set, as paths to their values: `connectionPool.tcp.maxConnections`. */
export function leafPaths(value: Plain, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, child]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return child === undefined ? [] : isPlain(child) ? leafPaths(child, path) : [path];
  });
}

/** Whether two pieces of plain data say the same. */
export function same(first: unknown, second: unknown): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}

/** A copy without the fields that are undefined. */
export function defined<T extends object>(value: T): T {
  const copy: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) {
    if (value[key] !== undefined) {
      copy[key] = value[key];
    }
  }
  return copy as T;
}
