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

/** Without what means nothing: the order of domains, and the separator that Istio writes behind its names of statistics. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(readable);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([name, part]) => [name, readablePart(name, part)]));
}

function readablePart(name: string, part: unknown): unknown {
  if (name === 'domains' && Array.isArray(part)) {
    return [...part as string[]].sort();
  }
  return name === 'statPrefix' && typeof part === 'string' ? part.replace(/;$/, '') : readable(part);
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
