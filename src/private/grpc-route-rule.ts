import type { GRPCRouteSpecRules, GRPCRouteSpecRulesMatches } from '../../imports/gateway-api/grpc-route.types';
import type { HTTPRouteSpecRules, HTTPRouteSpecRulesMatches } from '../../imports/gateway-api/http-route.types';
import type { VirtualServiceSpecHttp } from '../../imports/istio/virtual-service.types';
import type { Refuse } from './http-route-match';
import { httpRouteRules, type Translation } from './http-route-rule';
import { defined } from './merge';

/** A route of a VirtualService as rules of a GRPCRoute, which has fewer fields than an HTTPRoute. */
export function grpcRouteRules(http: VirtualServiceSpecHttp, translation: Translation): GRPCRouteSpecRules[] {
  return httpRouteRules(http, translation).map((rule) => grpcRule(rule, translation.refuse));
}

function grpcRule({ name, matches, filters, timeouts, backendRefs }: HTTPRouteSpecRules, refuse: Refuse): GRPCRouteSpecRules {
  if (timeouts !== undefined) {
    refuse('timeout', 'give calls a deadline in the client, or use `route` for them: an HTTPRoute carries gRPC as well');
  }
  const other = filters?.find(({ type }) => type === 'URLRewrite' || type === 'RequestRedirect' || type === 'CORS');
  if (other !== undefined) {
    refuse({ URLRewrite: 'rewrite', RequestRedirect: 'redirect', CORS: 'corsPolicy' }[other.type as string]!, 'use `route` for such calls: an HTTPRoute carries gRPC as well');
  }
  return defined({
    name,
    matches: matches?.map((match) => grpcMatch(match, refuse)),
    filters: filters as GRPCRouteSpecRules['filters'],
    backendRefs: backendRefs as GRPCRouteSpecRules['backendRefs'],
  });
}

/** gRPC's path is `/SERVICE/METHOD`. */
function grpcMatch({ path, method, headers, queryParams }: HTTPRouteSpecRulesMatches, refuse: Refuse): GRPCRouteSpecRulesMatches {
  if (method !== undefined || queryParams !== undefined) {
    refuse(method === undefined ? 'match.queryParams' : 'match.method', 'match the gRPC service, its method or headers');
  }
  const [, service, called] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(path?.value ?? '') ?? [];
  if (path?.type === 'RegularExpression' || (path !== undefined && path.value !== '/' && service === undefined)) {
    refuse('match.uri', 'match the gRPC service or its method: `grpcService`, `grpcMethod`');
  }
  return defined({ method: service === undefined ? undefined : defined({ type: 'Exact' as const, service, method: called }), headers });
}
