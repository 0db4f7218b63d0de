import type { RequestMatch } from '../request-match';
import type { StringMatch } from '../string-match';
import { ALWAYS, Inexpressible, intersect, type Condition } from './condition';
import type { StringCondition } from './string-condition';

/** A calling workload: a service, or one version of it. */
export interface Caller {
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Everything a rule says about the requests it is for. */
export interface Scope {
  readonly match?: RequestMatch | readonly RequestMatch[];
  readonly from?: readonly Caller[];
  /** What rules for connections ask instead of `match`; one of them must hold. */
  readonly connections?: readonly ConnectionCondition[];
}

/** What can be asked of a connection besides its caller. */
export interface ConnectionCondition {
  readonly port: number;
  /** The name of the server that TLS asks for. */
  readonly sni?: string;
  /** Addresses or ranges that the client connects to. */
  readonly addresses?: readonly string[];
}

const EVERY_REQUEST: readonly Condition[] = [ALWAYS];

/** The rule's conditions, of which one must hold. Empty if none can ever hold. */
export function alternatives(scope: Scope): readonly Condition[] | Inexpressible {
  const { match, from, connections } = scope;
  if (match === undefined && from === undefined && connections === undefined) {
    return EVERY_REQUEST;
  }
  const asked = connections?.map((connection) => [[connectionCondition(connection)]]) ?? (match === undefined ? [[]] : listOf<RequestMatch>(match).map(matchConditions));
  const callers = from === undefined ? [ALWAYS] : from.map(callerCondition);
  const found: Condition[] = [];
  for (const candidate of asked.flatMap((aspects) => allOf([...aspects, callers]))) {
    if (candidate instanceof Inexpressible) {
      return candidate;
    }
    if (candidate !== undefined) {
      found.push(candidate);
    }
  }
  return found;
}

/** Whether a rule asks for something that only requests have, not connections. */
export function isAboutRequests(scope: Scope): boolean {
  return listOf<RequestMatch>(scope.match ?? []).some(({ path, method, authority, scheme, headers, cookies, query }) =>
    [path, method, authority, scheme].some((aspect) => aspect !== undefined) || [headers, cookies, query].some((list) => list !== undefined && list.length > 0));
}

/** The ports of the service that a rule is for. */
export function portsOf(scope: Scope): number[] {
  return [...listOf<RequestMatch>(scope.match ?? []), ...scope.connections ?? []].flatMap(({ port }) => (port === undefined ? [] : [port]));
}

/** What a rule leaves empty, so that it is for nobody: `match`, `from`, `path` or `method` without an alternative. */
export function emptyList(scope: Scope): string | undefined {
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  const matches = listOf<RequestMatch>(scope.match ?? []);
  const inMatch = (['path', 'method'] as const).find((aspect) => matches.some((match) => isEmpty(match[aspect])));
  return isEmpty(scope.match) ? 'match' : isEmpty(scope.from) ? 'from' : inMatch;
}

/** Each aspect of a match as its alternatives; one of each must hold. */
function matchConditions(match: RequestMatch): Condition[][] {
  const exact = (aspect: string, value: string): Condition => one(aspect, { kind: 'exact', value });
  return [
    ...(match.path === undefined ? [] : [listOf(match.path).map((path) => one('path', path.condition))]),
    ...(match.method === undefined ? [] : [listOf<string | StringMatch>(match.method).map((method) => textCondition('method', typeof method === 'string' ? method.toUpperCase() : method))]),
    ...(match.authority === undefined ? [] : [[textCondition('authority', match.authority)]]),
    ...(match.scheme === undefined ? [] : [[textCondition('scheme', match.scheme)]]),
    ...(match.headers ?? []).map((header) => [one(`header:${header.name}`, header.condition)]),
    ...(match.cookies ?? []).map((cookie) => [one(`cookie:${cookie.name}`, cookie.condition)]),
    ...(match.query ?? []).map((query) => [one(`query:${query.name}`, query.condition)]),
    ...(match.port === undefined ? [] : [[exact('port', String(match.port))]]),
  ];
}

function connectionCondition({ port, sni, addresses }: ConnectionCondition): Condition {
  const exact = (aspect: string, value: string | undefined) => (value === undefined ? [] : [[aspect, { kind: 'exact', value }] as const]);
  return new Map<string, StringCondition>([...exact('port', String(port)), ...exact('sni', sni), ...exact('addresses', addresses && [...addresses].sort().join(','))]);
}

function textCondition(aspect: string, text: string | StringMatch): Condition {
  return one(aspect, typeof text === 'string' ? { kind: 'exact', value: text } : text.condition);
}

function callerCondition(caller: Caller): Condition {
  const labels = Object.entries(caller.labels).map(([name, value]) => [`label:${name}`, { kind: 'exact', value }] as const);
  const namespace = caller.namespace === undefined ? [] : [['namespace', { kind: 'exact', value: caller.namespace }] as const];
  return new Map<string, StringCondition>([...namespace, ...labels]);
}

/** One condition for each way to choose one alternative of every aspect; undefined for a choice that nothing satisfies. */
function allOf(aspects: readonly (readonly Condition[])[]): (Condition | Inexpressible | undefined)[] {
  let chosen: (Condition | Inexpressible | undefined)[] = [ALWAYS];
  for (const choices of aspects) {
    chosen = chosen.flatMap((so) => so === undefined || so instanceof Inexpressible ? [so] : choices.map((choice) => intersect(so, choice)));
  }
  return chosen;
}

function one(aspect: string, condition: StringCondition): Condition {
  return new Map([[aspect, condition]]);
}

export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value as readonly T[] : [value as T];
}
