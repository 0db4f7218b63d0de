import type { VirtualServiceSpecHttpMatch, VirtualServiceStringMatch } from '../../../../../imports/istio/virtual-service.types';
import type { GRPCRouteSpecRulesMatches, HTTPRouteSpecRulesMatches } from '../../../gateway-api';
import type { HttpMatch } from '../../../model/match';
import type { HttpRule } from '../../../model/route';

interface Named {
  readonly name: string;
  readonly type?: 'Exact' | 'RegularExpression';
  readonly value: string;
}

export function httpMatch(spec: HTTPRouteSpecRulesMatches): VirtualServiceSpecHttpMatch {
  return {
    uri: pathMatch(spec.path),
    ...(spec.method && { method: { exact: spec.method } }),
    ...namedMatches('headers', lowerCased(spec.headers)),
    ...namedMatches('queryParams', spec.queryParams),
  };
}

function pathMatch({ type = 'PathPrefix', value = '/' }: NonNullable<HTTPRouteSpecRulesMatches['path']> = {}): VirtualServiceStringMatch {
  switch (type) {
    case 'Exact':
      return { exact: value };
    case 'RegularExpression':
      return { regex: value };
    default:
      // "When specified, a trailing `/` is ignored."
      return { prefix: value === '/' ? value : value.replace(/\/$/, '') };
  }
}

/** gRPC calls are requests for `/service/method`. */
export function grpcMatch({ method, headers }: GRPCRouteSpecRulesMatches): VirtualServiceSpecHttpMatch {
  return { ...(method && { uri: methodMatch(method) }), ...namedMatches('headers', lowerCased(headers)) };
}

function methodMatch({ type, service, method }: NonNullable<GRPCRouteSpecRulesMatches['method']>): VirtualServiceStringMatch {
  if (type === 'RegularExpression' || service === undefined) {
    return { regex: `/${service ?? '[^/]+'}/${method ?? '.+'}` };
  }
  return method === undefined ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
}

/** "Subsequent entries with an equivalent header name MUST be ignored." */
function namedMatches(field: 'headers' | 'queryParams', named: readonly Named[] | undefined): Pick<VirtualServiceSpecHttpMatch, 'headers' | 'queryParams'> {
  const found = new Map<string, VirtualServiceStringMatch>();
  for (const { name, type, value } of named ?? []) {
    if (!found.has(name)) {
      found.set(name, type === 'RegularExpression' ? { regex: value } : { exact: value });
    }
  }
  return found.size > 0 ? { [field]: Object.fromEntries(found) } : {};
}

function lowerCased(headers: readonly Named[] | undefined): Named[] | undefined {
  return headers?.map((one) => ({ ...one, name: one.name.toLowerCase() }));
}

const RANKS: Readonly<Record<string, number>> = { 'exact': 3, 'path-prefix': 2, 'prefix': 2, 'regex': 1 };

/**
 * Which of two rules is asked first, whatever route they stand in: exact paths, long prefixes, a method, many headers, many query
 * parameters. Every rule has one match at most. Rules that are equal in all of it stay in their order: the oldest route's first.
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
export function byPrecedence(a: HttpRule, b: HttpRule): number {
  const [one, other] = [a.matches.at(0), b.matches.at(0)];
  if (!one || !other) {
    return Number(one === undefined) - Number(other === undefined);
  }
  for (const measure of MEASURES) {
    const difference = measure(other) - measure(one);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

const MEASURES: readonly ((match: HttpMatch) => number)[] = [
  ({ uri }) => (uri ? RANKS[uri.kind] ?? 0 : 0),
  ({ uri }) => (uri && 'value' in uri ? uri.value.length : 0),
  ({ method }) => (method ? 1 : 0),
  ({ headers }) => headers.length,
  ({ queryParams }) => queryParams.length,
];
