import { describeString, stringCovers, stringDisjoint, stringRank, type StringCondition } from './string-condition';

/**
 * What must hold of a request, all of it: one text condition per aspect. Keys are `path`, `method`, `authority`, `scheme`, `port`, `header:NAME`,
 * `cookie:NAME`, `query:NAME`, `namespace` and `label:NAME` (of the calling workload), and of connections `sni` and `addresses`. An empty condition holds for every request.
 */
export type Condition = ReadonlyMap<string, StringCondition>;

export const ALWAYS: Condition = new Map();

/** Two conditions that Istio cannot express in one match. */
export class Inexpressible {
  constructor(readonly aspect: string, readonly first: StringCondition, readonly second: StringCondition) {}
}

/** Whether every request that satisfies `inner` surely satisfies `outer`. */
export function covers(outer: Condition, inner: Condition): boolean {
  for (const [aspect, condition] of outer) {
    const other = inner.get(aspect);
    if (!holdsAlways(aspect, condition) && (other === undefined || !stringCovers(condition, other))) {
      return false;
    }
  }
  return true;
}

/** Whether surely no request satisfies both. */
export function disjoint(first: Condition, second: Condition): boolean {
  for (const [aspect, condition] of first) {
    const other = second.get(aspect);
    if (other !== undefined && stringDisjoint(condition, other)) {
      return true;
    }
  }
  return false;
}

/** The requests that satisfy both: a condition, undefined if there are none, or why it cannot be written. */
export function intersect(first: Condition, second: Condition): Condition | Inexpressible | undefined {
  if (disjoint(first, second)) {
    return undefined;
  }
  const both = new Map(first);
  for (const [aspect, condition] of second) {
    const other = both.get(aspect);
    if (other === undefined || stringCovers(other, condition)) {
      both.set(aspect, condition);
    } else if (!stringCovers(condition, other)) {
      return new Inexpressible(aspect, other, condition);
    }
  }
  return manyCookies(both) ?? both;
}

/** All cookies are in one header, and Istio has one condition per header. */
function manyCookies(condition: Condition): Inexpressible | undefined {
  const aspects = [...condition.keys()].filter((aspect) => aspect.startsWith('cookie:') || aspect === 'header:cookie');
  if (aspects.length < 2) {
    return undefined;
  }
  return new Inexpressible(aspects.join(' and '), condition.get(aspects[0])!, condition.get(aspects[1])!);
}

/** Every path begins with `/`. */
function holdsAlways(aspect: string, condition: StringCondition): boolean {
  return aspect === 'path' && stringCovers(condition, { kind: 'prefix', value: '/' });
}

/** Whether the condition depends on who calls; such rules mean nothing at a gateway. */
export function hasSource(condition: Condition): boolean {
  return [...condition.keys()].some((aspect) => aspect === 'namespace' || aspect.startsWith('label:'));
}

/**
 * Most specific first, as the Gateway API orders routes: path, method, headers, query, then the caller and the port. A condition that covers
 * another one never comes before it, except when both cover each other.
 */
export function compareSpecificity(first: Condition, second: Condition): number {
  const a = specificity(first);
  const b = specificity(second);
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : b[at] - a[at];
}

function specificity(condition: Condition): readonly number[] {
  const path = condition.get('path');
  const of = (...kinds: string[]): StringCondition[] =>
    [...condition].filter(([aspect]) => kinds.includes(aspect.split(':')[0])).map(([, value]) => value);
  const headers = of('header', 'cookie', 'authority', 'scheme');
  const query = of('query');
  const narrowness = (values: StringCondition[]): number => values.reduce((sum, value) => sum + stringRank(value), 0);
  return [
    path === undefined || holdsAlways('path', path) ? 0 : stringRank(path),
    of('method').length,
    headers.length,
    query.length,
    of('namespace', 'label').length,
    of('port').length,
    narrowness(of('sni', 'addresses')),
    narrowness(of('method')),
    narrowness(headers),
    narrowness(query),
  ];
}

/** For people: `header end-user exact jason and path prefix /beta`. */
export function describeCondition(condition: Condition): string {
  if (condition.size === 0) {
    return 'every request';
  }
  return [...condition].map(([aspect, value]) => `${aspect.replace(':', ' ')} ${describeString(value)}`).join(' and ');
}
