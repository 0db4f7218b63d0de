/** Resources by kind and name, as protobuf JSON. */
export type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A place where two configurations are not the same. Elements of lists that have names are compared by them, and are `[]` in the path. */
export interface Difference {
  /** `listener .filterChains[].filters[].name`; with `OURS` or `THEIRS` behind it where only one side has something. */
  readonly path: string;
  readonly resource: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

type Found = (path: string, ours: unknown, theirs: unknown) => void;

export function differences(ours: Resources, theirs: Resources): Difference[] {
  const found: Difference[] = [];
  for (const kind of Object.keys(ours)) {
    const [mine, their] = [ours[kind] ?? {}, theirs[kind] ?? {}];
    for (const resource of new Set([...Object.keys(mine), ...Object.keys(their)])) {
      compare('', readable(mine[resource]), readable(their[resource]), (path, a, b) => found.push({ path: `${kind} ${path}`, resource, ours: a, theirs: b }));
    }
  }
  return found;
}

/** Without what means nothing: orders of domains and endpoints, defaults that are written out, the separator behind names of statistics. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(readable);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).flatMap(([name, part]) => {
    const read = READERS[name]?.(part) ?? readable(part);
    return isDefault(name, part) ? [] : [[name, read]];
  }));
}

const MILLION: Readonly<Record<string, number>> = { HUNDRED: 10_000, TEN_THOUSAND: 100, MILLION: 1 };

const READERS: Readonly<Record<string, (part: unknown) => unknown>> = {
  domains: (part) => sorted(part as readonly unknown[]),
  endpoints: (part) => Array.isArray(part) ? sorted(part.map(readable), ({ priority = 0, locality }: Place) => JSON.stringify([priority, locality])) : undefined,
  lbEndpoints: (part) => sorted((part as readonly unknown[]).map(readable), ({ endpoint }: Place) => JSON.stringify(endpoint)),
  percentage: millionths,
  defaultValue: millionths,
  statPrefix: (part) => typeof part === 'string' ? part.replace(/;$/, '') : undefined,
};

interface Place { readonly priority?: number; readonly locality?: unknown; readonly endpoint?: unknown }

function sorted(list: readonly unknown[], by: (one: never) => string = String): unknown[] {
  return [...list].sort((a, b) => by(a as never) < by(b as never) ? -1 : 1);
}

function millionths(part: unknown): unknown {
  const { numerator, denominator = 'HUNDRED' } = part as { numerator?: number; denominator?: string };
  return numerator === undefined ? undefined : { numerator: numerator * (MILLION[denominator] ?? 1) };
}

function isDefault(name: string, part: unknown): boolean {
  return (name === 'loadBalancingWeight' && part === 1) || (name === 'locality' && JSON.stringify(part) === '{}');
}

function compare(path: string, ours: unknown, theirs: unknown, found: Found): void {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) {
    return;
  }
  if (ours === undefined || theirs === undefined) {
    found(`${path} ${ours === undefined ? 'THEIRS' : 'OURS'}`.trim(), ours, theirs);
  } else if (Array.isArray(ours) && Array.isArray(theirs)) {
    compareLists(path, ours, theirs, found);
  } else if (typeof ours === 'object' && typeof theirs === 'object' && ours !== null && theirs !== null) {
    compareObjects(path, ours as Record<string, unknown>, theirs as Record<string, unknown>, found);
  } else {
    found(path, ours, theirs);
  }
}

function compareObjects(path: string, ours: Record<string, unknown>, theirs: Record<string, unknown>, found: Found): void {
  if (ours['@type'] !== theirs['@type']) {
    found(`${path}.@type`, ours['@type'], theirs['@type']);
    return;
  }
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    compare(`${path}.${name}`, ours[name], theirs[name], found);
  }
}

function compareLists(path: string, ours: readonly unknown[], theirs: readonly unknown[], found: Found): void {
  const [mine, their] = [namesOf(ours), namesOf(theirs)];
  if (mine && their) {
    const both = (names: readonly string[], others: readonly string[]) => names.filter((name) => others.includes(name)).join();
    if (both(mine, their) !== both(their, mine)) {
      found(`${path}[] order`, mine, their);
    }
    for (const name of new Set([...mine, ...their])) {
      const place = /ilters$/.test(path) ? `${path}[${name}]` : `${path}[]`;
      compare(place, ours[mine.indexOf(name)], theirs[their.indexOf(name)], found);
    }
  } else if (ours.length === theirs.length) {
    ours.forEach((one, index) => compare(`${path}[]`, one, theirs[index], found));
  } else {
    found(`${path}[] length`, ours, theirs);
  }
}

/** The names of a list's elements, if all have one of their own. */
function namesOf(list: readonly unknown[]): readonly string[] | undefined {
  const names = list.map((one) => (one as { name?: unknown } | null)?.name).filter((name): name is string => typeof name === 'string' && name !== '');
  return names.length === list.length && new Set(names).size === names.length ? names : undefined;
}
