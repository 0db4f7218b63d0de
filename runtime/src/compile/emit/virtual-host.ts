import { isIP } from 'node:net';
import type { Route, RouteConfiguration, VirtualHost } from '../../envoy';
import { bool, duration, uint32 } from '../../envoy';
import { DYNAMIC_DNS_CLUSTER } from '../../model/cluster';
import { CLUSTER_DOMAIN } from '../../model/host';
import type { ProxySettings } from '../../model/proxy-settings';
import type { Service } from '../../model/service';

/** Bodies of direct responses may be this long; Envoy's own limit is 4 KiB. */
const MAX_BODY_BYTES = 1024 * 1024;

/** A route table, but for its hosts. */
export function emitRouteConfiguration(name: string): Omit<RouteConfiguration, 'virtualHosts'> {
  return {
    name,
    // Routes may come before their clusters; until then they answer 503.
    validateClusters: bool(false),
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: uint32(MAX_BODY_BYTES),
  };
}

export function virtualHostName(host: string, port: number): string {
  return `${host}:${port}`;
}

export function emitVirtualHost(name: string, domains: readonly string[], routes: readonly Route[], { attemptCount }: Pick<ProxySettings, 'attemptCount'>): VirtualHost {
  return { name, domains, routes, ...(attemptCount && { includeRequestAttemptCount: true }) };
}

export interface ServiceDomains {
  /** All of them. */
  readonly known: readonly string[];
  /** Those of them that are completed by a search path. */
  readonly short: readonly string[];
}

/**
 * All names of a service that its callers may use, as the DNS search path of their namespace allows, and the absolute ones, which end with a
 * dot (generateVirtualHostDomains of Istio's pilot/pkg/networking/core/httproute.go).
 */
export function serviceDomains(service: Service, aliases: readonly Service[], { namespace, absolute }: { readonly namespace: string; readonly absolute: boolean }): ServiceDomains {
  const hosts = [service.host, ...aliases.map((alias) => alias.host)];
  const short = hosts.flatMap((host) => shortNames(host, namespace));
  const headless = service.registry === 'kubernetes' && service.resolution === 'original';
  const names = hosts.flatMap((host) => [host, ...(absolute && isIP(host) === 0 ? [`${host}.`] : []), ...shortNames(host, namespace)]);
  return {
    known: [...names, ...(headless ? names.map((name) => `*.${name}`) : []), ...service.addresses.filter((one) => !one.includes('/')).map(bracketed)],
    short,
  };
}

/** `reviews.shop.svc.cluster.local` → `reviews` (in its own namespace), `reviews.shop`, `reviews.shop.svc`. */
function shortNames(host: string, namespace: string): string[] {
  const suffix = `.svc.${CLUSTER_DOMAIN}`;
  if (!host.endsWith(suffix)) {
    return [];
  }
  const name = host.slice(0, -suffix.length);
  const own = name.endsWith(`.${namespace}`) ? [name.slice(0, -namespace.length - 1)] : [];
  return [...own, name, `${name}.svc`];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** What becomes of requests to hosts that nobody knows. */
export function emitCatchAll(cluster: string | undefined, proxy: Pick<ProxySettings, 'attemptCount'>): VirtualHost {
  const route: Route = cluster === undefined
    ? { name: 'block_all', match: { prefix: '/' }, directResponse: { status: 502 } }
    : {
      name: cluster === DYNAMIC_DNS_CLUSTER ? 'allow_any_dynamic_dns' : 'allow_any',
      match: { prefix: '/' },
      route: { cluster, timeout: duration(0), maxGrpcTimeout: duration(0) },
    };
  return emitVirtualHost(route.name ?? '', ['*'], [route], proxy);
}
