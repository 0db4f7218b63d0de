import type { VirtualServiceSpecHttp, VirtualServiceSpecHttpMatch, VirtualServiceSpecHttpRoute } from '../../../../../imports/istio/virtual-service.types';
import { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { HttpRule } from '../../../model/route';
import { bySegments } from '../path-segments';
import { readHttpRule } from '../virtual-service';
import type { BackendRef } from './backends';
import { readBackend, weighted } from './backends';
import type { Filter } from './http-filters';
import { readBackendFilters, readFilters } from './http-filters';
import { atPath } from './listener';
import type { RouteIdentity } from './parents';
import type { Fault } from './references';
import type { World } from './world';

/** What rules of HTTPRoutes and GRPCRoutes have in common. */
export interface HttpRuleSpec {
  readonly name?: string;
  readonly filters?: readonly Filter[];
  readonly backendRefs?: readonly (BackendRef & { readonly filters?: readonly Filter[] })[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
}

export interface RuleReading<R> {
  readonly rules: readonly R[];
  /** Of the condition `ResolvedRefs`. */
  readonly fault?: Fault;
}

export interface RouteContext {
  readonly route: RouteIdentity;
  readonly name: string;
  readonly world: World;
  /** Whether the rules are for clients in the mesh. */
  readonly mesh: boolean;
}

/** The rules of a route, one for each match. Undefined where one of them is so wrong that Istio leaves the route out. */
export function readHttpRules(
  specs: readonly HttpRuleSpec[], matchesOf: (index: number) => readonly VirtualServiceSpecHttpMatch[], context: RouteContext, place: Place,
): RuleReading<HttpRule> {
  const rules: HttpRule[] = [];
  let fault: Fault | undefined;
  for (const [i, spec] of specs.entries()) {
    const at = place.at('rules').at(i);
    const read = (match: VirtualServiceSpecHttpMatch | undefined): Converted => convert(spec, { match, index: i, ...context });
    const matches = matchesOf(i);
    const converted = matches.length > 0 ? matches.map((match) => read(match)) : [read(undefined)];
    converted[0].faults.forEach((one) => atPath(at, one.path).problem(sentence(one)));
    fault = converted[0].faults.at(-1) ?? fault;
    if (converted[0].hard) {
      return { rules: [], fault };
    }
    rules.push(...readConverted(converted, context, at));
  }
  return { rules, fault };
}

/** A condition says what is wrong; a problem also what becomes of it. */
function sentence({ reason, message }: Fault): string {
  switch (reason) {
    case 'RefNotPermitted':
      return `${message}: requests for it are answered with 500; add a ReferenceGrant beside it`;
    case 'BackendNotFound':
      return `${message}: requests for it are answered with 500; add the Service, or correct the name`;
    case 'InvalidKind':
      return `${message}: requests for it are answered with 500; use a Service, or a Hostname of networking.istio.io`;
    default:
      return `${message}: the route is left out`;
  }
}

interface Converted {
  readonly spec: VirtualServiceSpecHttp;
  readonly faults: readonly Fault[];
  readonly hard: boolean;
  /** Of the destinations: their places in `backendRefs`. */
  readonly backends: readonly number[];
}

interface ConvertContext extends RouteContext {
  readonly match?: VirtualServiceSpecHttpMatch;
  readonly index: number;
}

function convert(spec: HttpRuleSpec, { match, index, route, name, world, mesh }: ConvertContext): Converted {
  const filtered = readFilters(spec.filters, match ? match.uri?.prefix : '/');
  const copies = filtered.mirrors.map((one) => ({ ...one, backend: readBackend(one.ref, route, { world, mesh }) }));
  const backends = weighted(spec.backendRefs).map((one) => {
    const backend = readBackend(one.ref, route, { world, mesh });
    const own = readBackendFilters(one.ref.filters);
    const faults = [own.fault, backend.fault].flatMap((fault) => (fault ? [{ ...fault, path: `backendRefs[${one.index}]` }] : []));
    return { ...one, ...own, backend, faults };
  });
  const destinations: VirtualServiceSpecHttpRoute[] = backends.map(({ backend, weight, headers }) => ({ destination: backend.destination, weight, headers }));
  const faults = [
    ...filtered.fault ? [filtered.fault] : [],
    ...copies.flatMap(({ backend, path }) => (backend.fault ? [{ ...backend.fault, path }] : [])),
    ...backends.flatMap((one) => one.faults),
  ];
  return {
    spec: {
      name: spec.name ?? `${route.namespace}.${name}.${index}`,
      match: match ? [match] : undefined,
      ...filtered.fields,
      mirrors: copies.filter(({ backend }) => !backend.fault).map(({ backend, percent }) => ({ destination: backend.destination, percentage: { value: percent } })),
      timeout: timeoutOf(spec.timeouts),
      // "If all entries in BackendRefs are invalid … 500", and so it is if there are none.
      ...(destinations.length === 0 && !filtered.fields.redirect ? { directResponse: { status: 500 } } : { route: destinations }),
    },
    faults,
    hard: filtered.fault !== undefined || backends.some((one) => one.fault !== undefined || one.backend.hard === true),
    backends: backends.map((one) => one.index),
  };
}

/** Without retries of its own, a route has one request to a backend for each of a client: the shorter time counts. As in Istio, 0 is none. */
function timeoutOf({ request, backendRequest }: NonNullable<HttpRuleSpec['timeouts']> = {}): string | undefined {
  const times = [backendRequest, request].filter((time) => time !== undefined && !/^(0+(h|m|s|ms))+$/.test(time));
  return times[0];
}

/** What is wrong with a rule is said once, at the rule as the user wrote it. */
function readConverted(converted: readonly Converted[], { route }: RouteContext, at: Place): HttpRule[] {
  const problems: Problem[] = [];
  const inner = Place.of(at.resource, problems);
  const rules = converted.flatMap((one, j) => {
    const known = problems.length;
    const found = readHttpRule(one.spec, inner, route.namespace);
    problems.slice(known).filter(({ path }) => path.startsWith('match')).forEach(({ message, severity }) => at.at('matches').at(j).problem(message, severity));
    // Prefixes are of whole segments, and what cannot be reached is the server's fault: both unlike Istio's own rules.
    return found.map((rule): HttpRule => ({ ...bySegments(placed(rule, one.backends, at)), unknownStatus: 500 }));
  });
  const messages = new Map(problems.filter(({ path }) => !path.startsWith('match')).map((one) => [one.message, one]));
  messages.forEach(({ message, severity }) => at.problem(message, severity));
  return rules;
}

/** The destinations as the user finds them in the route. */
function placed(rule: HttpRule, backends: readonly number[], at: Place): HttpRule {
  return { ...rule, destinations: rule.destinations.map((one, i) => ({ ...one, path: at.at('backendRefs').at(backends[i]).path })) };
}

