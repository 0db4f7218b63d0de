import type { HeaderMatcher, MetadataMatcher, Route, RouteAction, RouteMatch, WeightedCluster } from '../../envoy';
import { RouteAction_ClusterNotFoundResponseCode, bool, uint32 } from '../../envoy';
import { claimMatcher } from '../../features/claim';
import type { RouteContext } from '../../features/emitter';
import { merge } from '../../features/fragment';
import { stringMatcher } from '../../features/matcher';
import { Attachments } from '../../model/attachment';
import type { Caller, ClaimMatch, HttpMatch, NamedMatch, PathMatch } from '../../model/match';
import type { Destination, HttpRule, VirtualService, WeightedDestination } from '../../model/route';
import { httpCallerMatches } from '../../model/route';
import type { Switches } from '../../model/switches';
import { emittersWith } from './rooms';

/** Where destinations lead, as the proxy that gets the routes sees it. */
export interface Targets {
  clusterOf(destination: Destination, port: number): string;
  settingsOf(destination: Destination, port: number): Attachments;
  /** What its policy says, the narrowest first. Of ports only where the destination names one. */
  levelsOf(destination: Destination): readonly Attachments[];
  /** The port to connect to, where the proxy looks up itself which host the client means. */
  lookUpPort(destination: Destination, port: number): number | undefined;
}

export interface RouteOptions {
  readonly caller: Caller;
  readonly tls: boolean;
  readonly targets: Targets;
  /** What the mesh says of routes that do not say it themselves. */
  readonly defaults: Attachments;
  readonly switches: Switches;
  /** A host that is replaced is kept in a header. */
  readonly forwardedHost: boolean;
}

/** A rule that somebody wrote, or that of a service without any. */
interface RuleOptions extends RouteOptions {
  readonly fallbackName: string;
  readonly written: boolean;
}

const ANSWERS = emittersWith('answer');
const ON_ROUTES = emittersWith('route');
const ON_ACTIONS = emittersWith('action');
const ON_SOLE_DESTINATIONS = emittersWith('soleDestination');
const ON_DESTINATIONS = emittersWith('destination');
const TOWARDS = emittersWith('towards');

/** The routes of a VirtualService for one caller: what can never match is left out, and so is what comes after a route for everything. */
export function emitRoutes(virtualService: VirtualService, options: RouteOptions): Route[] {
  const routes: Route[] = [];
  for (const rule of virtualService.http) {
    for (const match of rule.matches.length > 0 ? rule.matches : [undefined]) {
      if (match && !httpCallerMatches(match, options.caller)) {
        continue;
      }
      const route = emitRoute(rule, match, { ...options, fallbackName: virtualService.resource.name, written: true });
      routes.push(route);
      if (isCatchAll(route)) {
        return routes;
      }
    }
  }
  return routes;
}

/** The route of a service without rules. */
export function emitDefaultRoute(destination: Destination, options: RouteOptions): Route {
  const rule: HttpRule = {
    name: 'default', matches: [], alsoTo: [], features: Attachments.NONE, destinations: [{ destination, weight: 100, features: Attachments.NONE, path: '' }],
  };
  return emitRoute(rule, undefined, { ...options, fallbackName: destination.host, written: false });
}

function emitRoute(rule: HttpRule, match: HttpMatch | undefined, options: RuleOptions): Route {
  const routeMatch = emitMatch(match);
  const answer = emitAnswer(rule, options);
  const forward = answer ?? emitForward(rule, options);
  const name = [rule.name, match?.name].filter((part) => part).join('.');
  return merge<Route>(
    { ...(name && { name }), match: routeMatch, ...(match?.statPrefix && { statPrefix: match.statPrefix }) },
    forward,
    ...ON_ROUTES.map((emitter) => emitter.route(rule)),
    ...(answer ? [] : soleDestination(rule).map(({ route: _route, ...rest }) => rest)),
    { decorator: { operation: operationOf(forward, routeMatch, options) } },
  );
}

function contextOf({ caller: { port }, targets, tls, defaults, switches, forwardedHost }: RouteOptions, sticky: boolean): RouteContext {
  return { port, tls, sticky, defaults, switches, forwardedHost, clusterOf: (destination) => targets.clusterOf(destination, port) };
}

function emitAnswer(rule: HttpRule, options: RouteOptions): Route | undefined {
  const context = contextOf(options, false);
  for (const emitter of ANSWERS) {
    const answer = emitter.answer(rule, context);
    if (answer) {
      return answer;
    }
  }
  return undefined;
}

function emitForward(rule: HttpRule, options: RuleOptions): Route {
  const { targets } = options;
  const towards = rule.destinations.flatMap(({ destination }) => {
    const levels = targets.levelsOf(destination);
    return TOWARDS.flatMap((emitter) => levels.map((settings) => emitter.towards(settings)).find((one) => one !== undefined) ?? []);
  });
  // Only where a rule names one destination: elsewhere requests are tried again with others (applyHTTPRouteDestination of Istio's route.go).
  const sticky = options.written && !rule.shares && towards.some((fragment) => fragment.hashPolicy !== undefined);
  const context = contextOf(options, sticky);
  return {
    route: merge<RouteAction>(
      emitDestinations(rule, context),
      rule.unknownStatus === 500 ? { clusterNotFoundResponseCode: RouteAction_ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR } : {},
      ...soleDestination(rule).map((fragment) => fragment.route),
      ...towards,
      ...ON_ACTIONS.map((emitter) => emitter.action(rule, context)),
    ),
  };
}

function soleDestination(rule: HttpRule): Route[] {
  return !rule.shares && rule.destinations.length === 1 ? ON_SOLE_DESTINATIONS.map((emitter) => emitter.soleDestination(rule.destinations[0])) : [];
}

function emitDestinations(rule: HttpRule, context: RouteContext): RouteAction {
  return rule.shares
    ? { weightedClusters: emitWeights(rule.destinations, context) }
    : { cluster: context.clusterOf(rule.destinations[0].destination) };
}

function emitWeights(destinations: readonly WeightedDestination[], context: RouteContext): WeightedCluster {
  return {
    clusters: destinations.map((one) => merge(
      { name: context.clusterOf(one.destination), weight: uint32(one.weight) },
      ...ON_DESTINATIONS.map((emitter) => emitter.destination(one)),
    )),
  };
}

/** `reviews.shop.svc.cluster.local:9080/*`: what traces and the header `x-envoy-decorator-operation` call the route. */
function operationOf(forward: Route, match: RouteMatch, options: RuleOptions): string {
  const path = match.path ?? match.safeRegex?.regex ?? `${match.prefix ?? '/'}*`;
  const [, port, , host] = (forward.route?.cluster ?? '').split('|');
  return host ? `${host}:${port}${path}` : `${options.fallbackName}:${options.caller.port}${path}`;
}

export function isCatchAll(route: Route): boolean {
  const match = route.match;
  const everyPath = match?.prefix === '/' || match?.safeRegex?.regex === '.*';
  return everyPath && !match?.headers?.length && !match?.queryParameters?.length && !match?.dynamicMetadata?.length;
}

function emitMatch(match: HttpMatch | undefined): RouteMatch {
  if (!match) {
    return { prefix: '/' };
  }
  const headers = emitHeaders(match);
  const queryParameters = match.queryParams.map(([name, value]) =>
    (value.kind === 'present' ? { name, presentMatch: true } : { name, stringMatch: stringMatcher(value) }));
  return {
    ...emitPath(match.uri),
    ...(match.ignoreUriCase && { caseSensitive: bool(false) }),
    ...(headers.length > 0 && { headers }),
    ...(queryParameters.length > 0 && { queryParameters }),
    ...(match.claims.length > 0 && { dynamicMetadata: match.claims.map(emitClaim) }),
  };
}

function emitClaim({ path, match, absent }: ClaimMatch): MetadataMatcher {
  return { ...claimMatcher(path, { stringMatch: stringMatcher(match) }), ...(absent && { invert: true }) };
}

function emitPath(uri: PathMatch | undefined): RouteMatch {
  switch (uri?.kind) {
    case 'exact':
      return { path: uri.value };
    case 'prefix':
      return { prefix: uri.value };
    case 'path-prefix':
      return uri.value === '/' ? { prefix: '/' } : { pathSeparatedPrefix: uri.value };
    case 'regex':
      return { safeRegex: { regex: uri.value } };
    default:
      return { prefix: '/' };
  }
}

function emitHeaders(match: HttpMatch): HeaderMatcher[] {
  const pseudo: NamedMatch[] = ([['method', match.method], ['authority', match.authority], ['scheme', match.scheme]] as const)
    .flatMap(([name, value]): NamedMatch[] => (value ? [[`:${name}`, value]] : []));
  return [...match.headers.map(emitHeader), ...match.withoutHeaders.map(emitAbsence), ...pseudo.map(emitHeader)];
}

function emitHeader([name, value]: NamedMatch): HeaderMatcher {
  return value.kind === 'present' ? { name, presentMatch: true } : { name, stringMatch: stringMatcher(value) };
}

/** A request without the header has no such value either. */
function emitAbsence(header: NamedMatch): HeaderMatcher {
  return { ...emitHeader(header), invertMatch: true, ...(header[1].kind !== 'present' && { treatMissingHeaderAsEmpty: true }) };
}
