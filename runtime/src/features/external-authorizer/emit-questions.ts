import type { BufferSettings, ExtAuthzHttpService, Filter, GrpcService, HttpExtAuthz, HttpFilter, ListStringMatcher, MetadataMatcher, StatusCode, StringMatcher } from '../../envoy';
import { ApiVersion, any, duration } from '../../envoy';
import type { Authorizer, FoundAuthorizer, HttpQuestions } from './model';

/** @param when what must be known of the request for the service to be asked */
export function emitRequestQuestions(found: FoundAuthorizer, when: MetadataMatcher): HttpFilter {
  const { failOpen, reroutes, statusOnError, body, http } = found.authorizer;
  const filter: HttpExtAuthz = {
    ...(http ? { httpService: emitHttpService(found, http) } : { grpcService: emitGrpcService(found) }),
    transportApiVersion: ApiVersion.V3,
    filterEnabledMetadata: when,
    ...(failOpen && { failureModeAllow: true }),
    // As the API has it (mesh/v1alpha1/config.proto of istio/api, clear_route_cache), where Istio's own pilot of 1.31 does not look at it.
    ...(reroutes && { clearRouteCache: true }),
    ...(statusOnError !== undefined && { statusOnError: { code: statusOnError as StatusCode } }),
    ...(body && { withRequestBody: emitBody(body) }),
    ...(http && http.asked.length > 0 && { allowedHeaders: emitNames(http.asked) }),
  };
  return { name: 'envoy.filters.http.ext_authz', typedConfig: any('HttpExtAuthz', filter) };
}

export function emitConnectionQuestions(found: FoundAuthorizer, when: MetadataMatcher): Filter {
  const { failOpen } = found.authorizer;
  return {
    name: 'envoy.filters.network.ext_authz',
    typedConfig: any('NetworkExtAuthz', {
      statPrefix: 'tcp.', grpcService: emitGrpcService(found), transportApiVersion: ApiVersion.V3, filterEnabledMetadata: when, ...(failOpen && { failureModeAllow: true }),
    }),
  };
}

function emitGrpcService({ authorizer, host, cluster }: FoundAuthorizer): GrpcService {
  return { envoyGrpc: { clusterName: cluster, authority: host }, timeout: duration(authorizer.timeout) };
}

function emitHttpService({ authorizer, host, cluster }: FoundAuthorizer, http: HttpQuestions): ExtAuthzHttpService {
  const { pathPrefix, added, toUpstream, toClientOnDeny, toClientOnAllow } = http;
  return {
    serverUri: { uri: `http://${host}`, cluster, timeout: duration(authorizer.timeout) },
    ...(pathPrefix && { pathPrefix }),
    ...(added.length > 0 && { authorizationRequest: { headersToAdd: added.map(([name, value]) => ({ key: name, value })) } }),
    ...(toUpstream.length + toClientOnDeny.length + toClientOnAllow.length > 0 && {
      authorizationResponse: {
        ...(toUpstream.length > 0 && { allowedUpstreamHeaders: emitNames(toUpstream) }),
        ...(toClientOnDeny.length > 0 && { allowedClientHeaders: emitNames(toClientOnDeny) }),
        ...(toClientOnAllow.length > 0 && { allowedClientHeadersOnSuccess: emitNames(toClientOnAllow) }),
      },
    }),
  };
}

function emitBody({ maxBytes, partial, raw }: NonNullable<Authorizer['body']>): BufferSettings {
  return { maxRequestBytes: maxBytes, ...(partial && { allowPartialMessage: true }), ...(raw && { packAsBytes: true }) };
}

/** Names of headers, in whatever case; `x-*` and `*-x` stand for many. */
function emitNames(names: readonly string[]): ListStringMatcher {
  return { patterns: names.map((name): StringMatcher => ({ ...emitName(name), ignoreCase: true })) };
}

function emitName(name: string): StringMatcher {
  if (name.startsWith('*')) {
    return { suffix: name.slice(1) };
  }
  return name.endsWith('*') ? { prefix: name.slice(0, -1) } : { exact: name };
}
