import type {
  HTTPRouteHeaderOperations, HTTPRouteSpecRules, HTTPRouteSpecRulesBackendRefs, HTTPRouteSpecRulesFilters, HTTPRouteSpecRulesFiltersCors,
  HTTPRouteSpecRulesFiltersRequestMirror,
} from '../../imports/gateway-api/http-route.types';
import type {
  VirtualServiceDestination, VirtualServiceHeaderOperations, VirtualServiceSpecHttp, VirtualServiceSpecHttpHeaders, VirtualServiceSpecHttpMatch,
  VirtualServiceStringMatch,
} from '../../imports/istio/virtual-service.types';
import { httpRouteMatch, type Refuse } from './http-route-match';
import { defined } from './merge';

/** A service as the Gateway API names it. */
export type Backend = Pick<HTTPRouteSpecRulesBackendRefs, 'group' | 'kind' | 'name' | 'namespace' | 'port'>;

/** How destinations are named, and what is said where something cannot be. */
export interface Translation {
  readonly backend: (destination: VirtualServiceDestination) => Backend;
  readonly refuse: Refuse;
}

const KNOWN = new Set(['name', 'match', 'route', 'rewrite', 'redirect', 'timeout', 'headers', 'corsPolicy', 'mirror', 'mirrorPercentage', 'mirrors']);

const UNKNOWN_FIXES: Readonly<Record<string, string>> = {
  fault: 'inject faults at the service, for callers in the mesh (`from`)',
  directResponse: 'send such requests to a service that answers so',
  retries: 'leave Istio\'s own, which hold there too, or retry in the client',
  delegate: 'add its routes to the gateway',
};

/** A route of a VirtualService as rules of an HTTPRoute: one, or one for each match where the path is rewritten. */
export function httpRouteRules(http: VirtualServiceSpecHttp, translation: Translation): HTTPRouteSpecRules[] {
  const { refuse } = translation;
  const unknown = Object.keys(http).find((field) => !KNOWN.has(field));
  if (unknown !== undefined) {
    refuse(unknown, UNKNOWN_FIXES[unknown] ?? 'take it away');
  }
  const matches = http.match ?? [{}];
  const changesPath = http.rewrite?.uri !== undefined || http.redirect?.prefixRewrite !== undefined;
  return (changesPath ? matches.map((match) => [match]) : [matches]).map((group) => rule(http, group, translation));
}

function rule(http: VirtualServiceSpecHttp, matches: readonly VirtualServiceSpecHttpMatch[], translation: Translation): HTTPRouteSpecRules {
  const found = matches.map((match) => httpRouteMatch(match, translation.refuse));
  const filters = filtersOf(http, matches[0], translation);
  return defined({
    name: http.name,
    matches: found.every((match) => Object.keys(match).length === 0) ? undefined : found,
    filters: filters.length > 0 ? filters : undefined,
    timeouts: http.timeout === undefined ? undefined : { request: durationOf(http.timeout) },
    backendRefs: http.route?.map(({ destination, weight, headers }) => {
      const own = headerFilters(headers);
      return defined({ ...translation.backend(destination), weight, filters: own.length > 0 ? own : undefined });
    }),
  });
}

function filtersOf(http: VirtualServiceSpecHttp, match: VirtualServiceSpecHttpMatch, translation: Translation): HTTPRouteSpecRulesFilters[] {
  const mirrors = [
    ...(http.mirror === undefined ? [] : [{ destination: http.mirror, percentage: http.mirrorPercentage }]),
    ...http.mirrors ?? [],
  ];
  return [
    ...headerFilters(http.headers),
    ...(http.rewrite === undefined ? [] : [rewriteFilter(http.rewrite, match, translation.refuse)]),
    ...(http.redirect === undefined ? [] : [redirectFilter(http.redirect, match, translation.refuse)]),
    ...mirrors.map(({ destination, percentage }): HTTPRouteSpecRulesFilters => ({
      type: 'RequestMirror', requestMirror: { backendRef: translation.backend(destination), ...fractionOf(percentage?.value) },
    })),
    ...(http.corsPolicy === undefined ? [] : [{ type: 'CORS' as const, cors: corsOf(http.corsPolicy, translation.refuse) }]),
  ];
}

function headerFilters(headers: VirtualServiceSpecHttpHeaders | undefined): HTTPRouteSpecRulesFilters[] {
  const { request, response } = headers ?? {};
  return [
    ...(request === undefined ? [] : [{ type: 'RequestHeaderModifier' as const, requestHeaderModifier: headerOperations(request) }]),
    ...(response === undefined ? [] : [{ type: 'ResponseHeaderModifier' as const, responseHeaderModifier: headerOperations(response) }]),
  ];
}

function headerOperations({ set, add, remove }: VirtualServiceHeaderOperations): HTTPRouteHeaderOperations {
  const pairs = (given: Readonly<Record<string, string>> | undefined) => given && Object.entries(given).map(([name, value]) => ({ name, value }));
  return defined({ set: pairs(set), add: pairs(add), remove });
}

/** Istio's `uri` replaces the whole of an exact path, and the part of a prefix that matched. */
function rewriteFilter(rewrite: NonNullable<VirtualServiceSpecHttp['rewrite']>, { uri }: VirtualServiceSpecHttpMatch, refuse: Refuse): HTTPRouteSpecRulesFilters {
  const { uri: path, uriRegexRewrite, authority } = rewrite;
  if (uriRegexRewrite !== undefined && uriRegexRewrite.match !== '^/.*$') {
    refuse('rewrite.uriRegexRewrite', 'replace a prefix, or the whole path');
  }
  if (path !== undefined && uri?.regex !== undefined) {
    refuse('rewrite.uri', 'match a prefix or an exact path where the path is rewritten');
  }
  const whole = uriRegexRewrite?.rewrite?.replace(/\\\\/g, '\\') ?? (uri?.exact === undefined ? undefined : path);
  return { type: 'URLRewrite', urlRewrite: defined({ hostname: authority, path: pathChange(whole, path) }) };
}

function redirectFilter(redirect: NonNullable<VirtualServiceSpecHttp['redirect']>, { uri }: VirtualServiceSpecHttpMatch, refuse: Refuse): HTTPRouteSpecRulesFilters {
  const { uri: path, prefixRewrite, authority, scheme, port, derivePort, redirectCode } = redirect;
  if (prefixRewrite !== undefined && uri?.prefix === undefined) {
    refuse('redirect.prefixRewrite', 'match a prefix where one is replaced');
  }
  if (derivePort === 'FROM_REQUEST_PORT' && scheme !== undefined) {
    refuse('redirect.derivePort', 'name the `port`');
  }
  return {
    type: 'RequestRedirect',
    requestRedirect: defined({
      scheme: scheme as 'http' | 'https' | undefined, hostname: authority, port, path: pathChange(path, prefixRewrite),
      statusCode: (redirectCode ?? 301) as 301,
    }),
  };
}

function pathChange(whole: string | undefined, prefix: string | undefined) {
  if (whole !== undefined) {
    return { type: 'ReplaceFullPath' as const, replaceFullPath: whole };
  }
  return prefix === undefined ? undefined : { type: 'ReplacePrefixMatch' as const, replacePrefixMatch: prefix };
}

/** Whole percentages as such, others exactly, as a fraction. */
function fractionOf(percent: number | undefined): Pick<HTTPRouteSpecRulesFiltersRequestMirror, 'percent' | 'fraction'> {
  if (percent === undefined || Number.isInteger(percent)) {
    return percent === undefined ? {} : { percent };
  }
  return { fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } };
}

function corsOf(policy: NonNullable<VirtualServiceSpecHttp['corsPolicy']>, refuse: Refuse): HTTPRouteSpecRulesFiltersCors {
  const { allowOrigins = [], allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials, ...others } = policy;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    refuse(`corsPolicy.${unknown}`, 'take it away');
  }
  return defined({
    allowOrigins: allowOrigins.map((origin) => originOf(origin, refuse)),
    allowMethods: allowMethods as HTTPRouteSpecRulesFiltersCors['allowMethods'],
    allowHeaders,
    exposeHeaders,
    maxAge: maxAge === undefined ? undefined : Math.max(1, Math.floor(Number.parseFloat(maxAge))),
    allowCredentials,
  });
}

function originOf({ exact, regex }: VirtualServiceStringMatch, refuse: Refuse): string {
  return exact ?? (regex === '.*' ? '*' : refuse('corsPolicy.allowOrigins', 'name the origins, or allow all with "*"'));
}

/** Durations of the Gateway API are whole numbers with units: `1500ms`. */
function durationOf(seconds: string): string {
  const millis = Math.round(Number.parseFloat(seconds) * 1000);
  return millis % 1000 === 0 ? `${millis / 1000}s` : `${millis}ms`;
}
