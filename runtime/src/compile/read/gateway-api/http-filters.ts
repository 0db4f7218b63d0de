import type { VirtualServiceHeaderOperations, VirtualServiceSpecHttp, VirtualServiceSpecHttpHeaders } from '../../../../../imports/istio/virtual-service.types';
import type {
  HTTPRouteHeaderOperations, HTTPRouteSpecRulesFilters, HTTPRouteSpecRulesFiltersCors, HTTPRouteSpecRulesFiltersRequestMirror,
  HTTPRouteSpecRulesFiltersRequestRedirect, HTTPRouteSpecRulesFiltersUrlRewrite,
} from '../../../gateway-api';
import { quotePattern } from '../../../features/pattern';
import type { BackendRef } from './backends';
import type { Fault } from './references';

/** Filters of rules and of backends, HTTP's and gRPC's alike. */
export type Filter = Pick<HTTPRouteSpecRulesFilters,
'requestHeaderModifier' | 'responseHeaderModifier' | 'requestRedirect' | 'urlRewrite' | 'requestMirror' | 'cors'> & { readonly type: string };

type Fields = Pick<VirtualServiceSpecHttp, 'headers' | 'redirect' | 'rewrite' | 'corsPolicy'>;

export interface Filtered {
  readonly fields: Fields;
  readonly mirrors: readonly { readonly ref: BackendRef; readonly percent: number; readonly path: string }[];
  /** Istio leaves the whole route out for a filter that it does not have. */
  readonly fault?: Fault;
}

/** @param prefix the path prefix that the rule's match is for, where it is one */
export function readFilters(filters: readonly Filter[] | undefined, prefix: string | undefined): Filtered {
  let fields: Fields = {};
  const mirrors: Filtered['mirrors'][number][] = [];
  let fault: Fault | undefined;
  (filters ?? []).forEach((filter, i) => {
    const found = readFilter(filter, prefix);
    const broken = brokenHeader(filter);
    if (broken !== undefined) {
      fault = { reason: 'InvalidFilter', message: `header "${broken}" value contains invalid characters`, path: `filters[${i}]` };
    } else if (filter.requestMirror && filter.type === 'RequestMirror') {
      mirrors.push({ ref: filter.requestMirror.backendRef, percent: percentOf(filter.requestMirror), path: `filters[${i}].requestMirror.backendRef` });
    } else if (found) {
      fields = { ...fields, ...found, ...(found.headers && { headers: { ...fields.headers, ...found.headers } }) };
    } else {
      fault = { reason: 'InvalidFilter', message: `unsupported filter type "${filter.type}"`, path: `filters[${i}]` };
    }
  });
  return { fields, mirrors, fault };
}

/** Filters of a backend: those that change headers. */
export function readBackendFilters(filters: readonly Filter[] | undefined): { readonly headers?: VirtualServiceSpecHttpHeaders; readonly fault?: Fault } {
  const { fields: { headers, ...others }, mirrors, fault } = readFilters(filters, undefined);
  const foreign = (filters ?? []).find((one) => !one.type.endsWith('HeaderModifier'));
  if (Object.keys(others).length > 0 || mirrors.length > 0 || fault) {
    return { fault: foreign || !fault ? { reason: 'InvalidFilter', message: `unsupported filter type "${foreign?.type}"`, path: 'filters' } : fault };
  }
  return { headers };
}

function readFilter(filter: Filter, prefix: string | undefined): Fields | undefined {
  switch (filter.type) {
    case 'RequestHeaderModifier':
      return { headers: { request: headerOperations(filter.requestHeaderModifier) } };
    case 'ResponseHeaderModifier':
      return { headers: { response: headerOperations(filter.responseHeaderModifier) } };
    case 'RequestRedirect':
      return { redirect: redirectOf(filter.requestRedirect ?? {}) };
    case 'URLRewrite':
      return { rewrite: rewriteOf(filter.urlRewrite ?? {}, prefix) };
    case 'CORS':
      return { corsPolicy: corsOf(filter.cors ?? {}) };
    default:
      return undefined;
  }
}

/** Line breaks and the like have no place in a value; as in Istio one such header makes the route invalid (conversion.go, isValidHeaderValue). */
function brokenHeader({ requestHeaderModifier, responseHeaderModifier }: Filter): string | undefined {
  const written = [requestHeaderModifier, responseHeaderModifier].flatMap((one) => [...one?.set ?? [], ...one?.add ?? []]);
  return written.find(({ value }) => CONTROL.test(value))?.name;
}

const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

function headerOperations({ add, set, remove }: HTTPRouteHeaderOperations = {}): VirtualServiceHeaderOperations {
  return { add: headerMap(add), set: headerMap(set), remove };
}

function headerMap(headers: readonly { readonly name: string; readonly value: string }[] = []): Record<string, string> {
  // Of equal names the first counts.
  return Object.fromEntries([...headers].reverse().map(({ name, value }) => [name.toLowerCase(), value]));
}

function redirectOf({ hostname, path, port, scheme, statusCode = 302 }: HTTPRouteSpecRulesFiltersRequestRedirect): VirtualServiceSpecHttp['redirect'] {
  return {
    redirectCode: statusCode,
    authority: hostname,
    scheme,
    // "When empty, port of the request is used", unless the scheme changes.
    ...(port === undefined ? { derivePort: scheme ? 'FROM_PROTOCOL_DEFAULT' as const : 'FROM_REQUEST_PORT' as const } : { port }),
    ...(path?.type === 'ReplaceFullPath' && { uri: path.replaceFullPath }),
    ...(path?.type === 'ReplacePrefixMatch' && { prefixRewrite: withoutSlash(path.replacePrefixMatch ?? '') }),
  };
}

function rewriteOf({ hostname, path }: HTTPRouteSpecRulesFiltersUrlRewrite, prefix = '/'): VirtualServiceSpecHttp['rewrite'] {
  if (path?.type === 'ReplaceFullPath') {
    return { authority: hostname, uriRegexRewrite: { match: '/.*', rewrite: path.replaceFullPath } };
  }
  if (path?.type !== 'ReplacePrefixMatch') {
    return hostname === undefined ? undefined : { authority: hostname };
  }
  const replacement = withoutSlash(path.replacePrefixMatch ?? '');
  if (replacement === '/') {
    // Without the prefix a path begins with one slash still.
    return { authority: hostname, uriRegexRewrite: { match: `^${quotePattern(withoutSlash(prefix, ''))}(/?)(.*)`, rewrite: '/\\2' } };
  }
  return { authority: hostname, uri: prefix === '/' ? `${replacement}/` : replacement };
}

/** `/xyz/` is `/xyz`, and nothing is `/`. */
function withoutSlash(path: string, root = '/'): string {
  return path.replace(/\/$/, '') || root;
}

function corsOf(spec: HTTPRouteSpecRulesFiltersCors): VirtualServiceSpecHttp['corsPolicy'] {
  return {
    allowOrigins: (spec.allowOrigins ?? []).map((origin) => (origin.includes('*') ? { regex: originPattern(origin) } : { exact: origin })),
    allowMethods: spec.allowMethods,
    allowHeaders: spec.allowHeaders,
    exposeHeaders: spec.exposeHeaders,
    ...(spec.allowCredentials && { allowCredentials: true }),
    maxAge: `${spec.maxAge ?? 5}s`,
    unmatchedPreflights: 'IGNORE',
  };
}

/** `https://*.example.com`: any number of labels. `*` alone is every origin that a page can have, but not `null`, which nobody is. */
function originPattern(origin: string): string {
  return origin === '*' ? '[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s]+' : origin.split('*').map(quotePattern).join('.*');
}

function percentOf({ percent, fraction }: HTTPRouteSpecRulesFiltersRequestMirror): number {
  return fraction ? 100 * fraction.numerator / (fraction.denominator ?? 100) : percent ?? 100;
}
