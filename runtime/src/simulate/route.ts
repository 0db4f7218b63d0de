import type { RedirectAction, Route, RouteAction, RouteConfiguration, VirtualHost } from '../envoy';
import { VirtualHost_TlsRequirementType as TlsRequirement } from '../envoy';
import type { Call, Outcome } from './call';
import type { Metadata } from './metadata';
import { modelled, NotModelled } from './modelled';
import type { Request } from './request';
import { takes } from './route-match';
import { findVirtualHost } from './virtual-host';

const STATUS_OF_REDIRECT = [301, 302, 303, 307, 308];

/** The virtual host and the route of a request, and where the route sends it. */
export function route(table: RouteConfiguration, { request, call, metadata }: { readonly request: Request; readonly call: Call; readonly metadata: Metadata }): Outcome {
  const host = findVirtualHost(table, request);
  const outcome: Outcome = { routeConfig: table.name };
  if (!host) {
    return { ...outcome, error: 'no virtual host matched' };
  }
  const found: Outcome = { ...outcome, virtualHost: host.name };
  if (needsTls(host, call)) {
    return { ...found, error: 'tls required, sending 301' };
  }
  const taken = (host.routes ?? []).find((one) => takes(one.match ?? {}, request, metadata));
  return taken ? { ...found, ...(taken.name !== undefined && { route: taken.name }), ...actionOf(taken, request) } : { ...found, error: 'no route matched' };
}

function needsTls(host: VirtualHost, { tls }: Call): boolean {
  if (host.matcher) {
    throw new NotModelled(`virtual host ${host.name}.matcher`);
  }
  if (host.requireTls === TlsRequirement.EXTERNAL_ONLY) {
    throw new NotModelled(`virtual host ${host.name}.requireTls`, 'who is external is not modelled');
  }
  return host.requireTls === TlsRequirement.ALL && tls === 'plaintext';
}

function actionOf({ route: action, redirect, directResponse, ...rest }: Route, request: Request): Outcome {
  if (redirect) {
    return { answer: { status: STATUS_OF_REDIRECT[redirect.responseCode ?? 0], location: locationOf(redirect, request) } };
  }
  if (directResponse) {
    return { answer: { status: directResponse.status ?? 200 } };
  }
  if (!action) {
    throw new NotModelled(`route ${rest.name ?? ''}`, 'it neither forwards, redirects nor answers');
  }
  return forwarded(action, request);
}

function forwarded({ cluster, weightedClusters, clusterHeader }: RouteAction, request: Request): Outcome {
  if (cluster !== undefined) {
    return { cluster };
  }
  if (clusterHeader !== undefined) {
    return { cluster: request.header(clusterHeader) ?? '' };
  }
  if (!weightedClusters) {
    throw new NotModelled('RouteAction', 'it names no cluster');
  }
  const { clusters = [] } = modelled(weightedClusters, 'WeightedCluster', { decides: ['clusters'], ignored: ['runtimeKeyPrefix', 'useHashPolicy'] });
  return { shares: clusters.map(({ name = '', weight }) => ({ cluster: name, weight: weight?.value ?? 0 })) };
}

/** Where a redirect leads, as far as it does not take parts of the path apart. */
function locationOf(redirect: RedirectAction, request: Request): string {
  if (redirect.regexRewrite || redirect.prefixRewrite !== undefined || redirect.pathRewrite !== undefined) {
    throw new NotModelled('RedirectAction', 'rewriting parts of a path is not modelled');
  }
  const scheme = redirect.httpsRedirect ? 'https' : redirect.schemeRedirect ?? request.header(':scheme') ?? 'http';
  const host = redirect.hostRedirect ?? request.authority;
  const target = request.header(':path') ?? '/';
  const path = redirect.pathRedirect ?? (redirect.stripQuery ? target.split('?', 1)[0] : target);
  return `${scheme}://${host}${redirect.portRedirect ? `:${redirect.portRedirect}` : ''}${path}`;
}
