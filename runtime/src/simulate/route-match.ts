import type { HeaderMatcher, QueryParameterMatcher, RouteMatch } from '../envoy';
import type { Metadata } from './metadata';
import { matchesMetadata } from './metadata-match';
import { modelled, NotModelled } from './modelled';
import type { Request } from './request';
import { matchesRegex, matchesText } from './text-match';

/**
 * Whether a route takes a request: all of its conditions hold.
 * @param metadata what filters know, if the route is chosen after them
 */
export function takes(match: RouteMatch, request: Request, metadata: Metadata = {}): boolean {
  modelled(match, 'RouteMatch', {
    decides: ['prefix', 'path', 'safeRegex', 'pathSeparatedPrefix', 'caseSensitive', 'headers', 'queryParameters', 'grpc', 'dynamicMetadata'],
  });
  return matchesPath(match, request)
    && (match.grpc === undefined || /^application\/grpc([;+]|$)/.test(request.header('content-type') ?? ''))
    && (match.headers ?? []).every((header) => matchesHeader(header, request))
    && (match.queryParameters ?? []).every((parameter) => matchesQuery(parameter, request))
    && (match.dynamicMetadata ?? []).every((one) => matchesMetadata(one, metadata));
}

function matchesPath(match: RouteMatch, { path: given }: Request): boolean {
  const fold = (text: string): string => (match.caseSensitive !== undefined && !match.caseSensitive.value ? text.toLowerCase() : text);
  const path = fold(given);
  if (match.path !== undefined) {
    return path === fold(match.path);
  }
  if (match.safeRegex !== undefined) {
    return matchesRegex(match.safeRegex, given);
  }
  if (match.pathSeparatedPrefix !== undefined) {
    const prefix = fold(match.pathSeparatedPrefix);
    return path === prefix || path.startsWith(`${prefix}/`);
  }
  return path.startsWith(fold(match.prefix ?? ''));
}

/**
 * A header that is missing matches nothing, not even inverted, unless it counts as empty
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher).
 */
export function matchesHeader(matcher: HeaderMatcher, request: Pick<Request, 'header'>): boolean {
  const { name = '', stringMatch, presentMatch, invertMatch = false, treatMissingHeaderAsEmpty } = modelled(matcher, 'HeaderMatcher', {
    decides: ['name', 'stringMatch', 'presentMatch', 'invertMatch', 'treatMissingHeaderAsEmpty'],
  });
  const value = request.header(name) ?? (treatMissingHeaderAsEmpty ? '' : undefined);
  if (stringMatch === undefined) {
    return (value !== undefined) === (presentMatch ?? true) !== invertMatch;
  }
  return value !== undefined && matchesText(stringMatch, value) !== invertMatch;
}

function matchesQuery(matcher: QueryParameterMatcher, { query }: Request): boolean {
  const { name = '', stringMatch, presentMatch } = modelled(matcher, 'QueryParameterMatcher', { decides: ['name', 'stringMatch', 'presentMatch'] });
  const value = query.get(name);
  if (stringMatch !== undefined) {
    return value !== null && matchesText(stringMatch, value);
  }
  if (presentMatch === undefined) {
    throw new NotModelled(`QueryParameterMatcher ${name}`, 'it says nothing');
  }
  return (value !== null) === presentMatch;
}
