/** What a condition of an access rule looks at, by Istio's names; https://istio.io/latest/docs/reference/config/security/conditions/ */
export type CallerAttribute =
  | 'source.ip' | 'remote.ip' | 'source.namespace' | 'source.trustDomain' | 'source.serviceAccount' | 'source.principal'
  | 'request.auth.principal' | 'request.auth.audiences' | 'request.auth.presenter' | 'request.auth.claims' | 'request.headers';

export type CallAttribute = 'destination.ip' | 'destination.port' | 'connection.sni' | 'envoy.filters' | 'host' | 'method' | 'path';

export interface Condition<A> {
  readonly of: A;
  /** The name of a header; the names that lead to a claim; a filter of Envoy and the name of what it found. */
  readonly name: readonly string[];
  /** One of them it must be; empty: anything. `*` at one end stands for any text, alone for any text that is not empty. */
  readonly values: readonly string[];
  /** None of them may it be. */
  readonly notValues: readonly string[];
}

/** Conditions that hold together. */
export type Conditions<A> = readonly Condition<A>[];

/** One rule of an AuthorizationPolicy: some of `callers` must hold, and some of `calls`. */
export interface RbacRule {
  /** `ns[shop]-policy[cart]-rule[0]`, as Istio names it: the reason of a denial in access logs. */
  readonly name: string;
  readonly callers: readonly Conditions<CallerAttribute>[];
  readonly calls: readonly Conditions<CallAttribute>[];
}

/** What matches decide. What is not `ALLOW` must rather match too much than too little. */
export type RbacAction = 'ALLOW' | 'DENY' | 'AUDIT' | 'CUSTOM';

const HTTP_ONLY: ReadonlySet<CallerAttribute | CallAttribute> = new Set([
  'request.auth.principal', 'request.auth.audiences', 'request.auth.presenter', 'request.auth.claims', 'request.headers', 'host', 'method', 'path',
]);

/** Whether only requests have it, and other connections do not. */
export function isHttpOnly(attribute: CallerAttribute | CallAttribute): boolean {
  return HTTP_ONLY.has(attribute);
}
