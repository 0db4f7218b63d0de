import type { RouteConfiguration, VirtualHost } from '../envoy';
import { modelled } from './modelled';
import type { Request } from './request';

/**
 * Exact domains first, then the longest that begin with `*`, then the longest that end with it, then `*`
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost).
 */
export function findVirtualHost(table: RouteConfiguration, request: Request): VirtualHost | undefined {
  modelled(table, 'RouteConfiguration', {
    decides: ['name', 'virtualHosts', 'ignorePortInHostMatching'],
    ignored: [
      'validateClusters', 'maxDirectResponseBodySizeBytes', 'requestHeadersToAdd', 'requestHeadersToRemove', 'responseHeadersToAdd', 'responseHeadersToRemove',
      'typedPerFilterConfig', 'metadata', 'requestMirrorPolicies', 'mostSpecificHeaderMutationsWins',
    ],
  });
  const host = table.ignorePortInHostMatching ? request.authority.replace(/:\d+$/, '') : request.authority;
  let best: { readonly host: VirtualHost; readonly rank: number } | undefined;
  for (const candidate of table.virtualHosts ?? []) {
    const rank = Math.max(0, ...(candidate.domains ?? []).map((domain) => rankOf(domain.toLowerCase(), host)));
    if (rank > (best?.rank ?? 0)) {
      best = { host: candidate, rank };
    }
  }
  return best?.host;
}

/** Longer than any domain may be. */
const LONG = 1 << 12;

function rankOf(domain: string, host: string): number {
  if (domain === host) {
    return 3 * LONG;
  }
  if (domain === '*') {
    return 1;
  }
  if (domain.startsWith('*')) {
    return host.length >= domain.length && host.endsWith(domain.slice(1)) ? 2 * LONG + domain.length : 0;
  }
  return domain.endsWith('*') && host.length >= domain.length && host.startsWith(domain.slice(0, -1)) ? LONG + domain.length : 0;
}
