import type { HTTPRouteSpecRulesMatches, HTTPRouteSpecRulesMatchesHeaders } from '../../imports/gateway-api/http-route.types';
import type { VirtualServiceSpecHttpMatch, VirtualServiceStringMatch } from '../../imports/istio/virtual-service.types';
import { defined } from './merge';
import { escapeRegex } from './regex';

/** Refuses a field that the Gateway API does not have, in words for people: the field, and what to do instead. */
export type Refuse = (field: string, fix: string) => never;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
const KNOWN = new Set(['uri', 'method', 'headers', 'queryParams', 'statPrefix']);

/** A match of a VirtualService as one of an HTTPRoute. */
export function httpRouteMatch(match: VirtualServiceSpecHttpMatch, refuse: Refuse): HTTPRouteSpecRulesMatches {
  const unknown = Object.keys(match).find((field) => !KNOWN.has(field));
  if (unknown !== undefined) {
    refuse(`match.${unknown}`, UNKNOWN_FIXES[unknown] ?? 'match the path, the method, headers or query parameters');
  }
  return defined({
    path: match.uri && pathMatch(match.uri),
    method: match.method && methodMatch(match.method, refuse),
    headers: texts(match.headers, 'headers', refuse),
    queryParams: texts(match.queryParams, 'queryParams', refuse),
  });
}

const UNKNOWN_FIXES: Readonly<Record<string, string>> = {
  withoutHeaders: 'ask for a header that such requests have, and let other routes take the rest',
  ignoreUriCase: 'use Path.regex(\'(?i)…\')',
  port: 'give the gateway only the ports that the route is for',
  authority: 'give the route a `host`',
  scheme: 'give the gateway only the ports that the route is for',
};

/** A prefix of the Gateway API ends where a segment of the path ends, and a slash at its end says nothing. */
function pathMatch(uri: VirtualServiceStringMatch): NonNullable<HTTPRouteSpecRulesMatches['path']> {
  if (uri.exact !== undefined) {
    return { type: 'Exact', value: uri.exact };
  }
  return uri.regex === undefined ? { type: 'PathPrefix', value: prefixOf(uri.prefix) } : { type: 'RegularExpression', value: uri.regex };
}

function prefixOf(prefix = '/'): string {
  return prefix.length > 1 ? prefix.replace(/\/$/, '') : prefix;
}

function methodMatch({ exact }: VirtualServiceStringMatch, refuse: Refuse): NonNullable<HTTPRouteSpecRulesMatches['method']> {
  if (exact === undefined || !METHODS.has(exact)) {
    return refuse('match.method', `name one of ${[...METHODS].join(', ')}`);
  }
  return exact as NonNullable<HTTPRouteSpecRulesMatches['method']>;
}

function texts(given: Readonly<Record<string, VirtualServiceStringMatch>> | undefined, field: string, refuse: Refuse): HTTPRouteSpecRulesMatchesHeaders[] | undefined {
  return given && Object.entries(given).map(([name, match]) => {
    if (name.startsWith('@')) {
      return refuse('match.claims', 'let the service look at the token');
    }
    if (name.startsWith(':')) {
      return refuse(`match.${field}.${name}`, 'the Gateway API has no pseudo-headers: match the path, the method or the host');
    }
    return match.exact === undefined ? { name, type: 'RegularExpression' as const, value: regexOf(match) } : { name, type: 'Exact' as const, value: match.exact };
  });
}

/** Prefixes and presence are regular expressions there. */
function regexOf({ prefix, regex }: VirtualServiceStringMatch): string {
  return regex ?? `${prefix === undefined ? '' : escapeRegex(prefix)}.*`;
}
