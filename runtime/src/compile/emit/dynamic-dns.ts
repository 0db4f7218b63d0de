import type { Cluster, DnsCacheConfig, Filter, HttpFilter } from '../../envoy';
import { Cluster_DnsLookupFamily, Cluster_LbPolicy, any, duration } from '../../envoy';
import type { MeshSettings } from '../../model/mesh';

/**
 * Envoy's dynamic forward proxy: the name to connect to is the host of the request, or the name that the client's TLS asks for. Cluster and
 * filter find each other by the name of their cache, so all of them share one.
 * https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/dynamic_forward_proxy_filter
 */
function dnsCache(settings: MeshSettings): DnsCacheConfig {
  return { name: 'dynamic_dns', dnsLookupFamily: Cluster_DnsLookupFamily.V4_ONLY, dnsRefreshRate: duration(settings.dnsRefreshRate) };
}

/** Needs to know which name TLS asks for. */
export const SNI_LOOKUP = 'envoy.filters.network.sni_dynamic_forward_proxy';

/** Where the endpoints of such a cluster come from. */
export function emitDynamicDiscovery(settings: MeshSettings): Cluster {
  return {
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    clusterType: {
      name: 'envoy.clusters.dynamic_forward_proxy',
      // Which names are checked, the client's TLS settings say, as for every other cluster.
      typedConfig: any('DynamicForwardProxyClusterConfig', { dnsCacheConfig: dnsCache(settings), allowInsecureClusterOptions: true }),
    },
  };
}

/** Looks the host of a request up; requests to other clusters pass. */
export function emitHostLookup(settings: MeshSettings): HttpFilter {
  return {
    name: 'envoy.filters.http.dynamic_forward_proxy',
    typedConfig: any('DynamicForwardProxyFilterConfig', { dnsCacheConfig: dnsCache(settings) }),
  };
}

/** Looks the name up that the client's TLS asks for; the connection is held until it is known. */
export function emitSniLookup(port: number, settings: MeshSettings): Filter {
  return {
    name: SNI_LOOKUP,
    typedConfig: any('SniDynamicForwardProxy', { dnsCacheConfig: dnsCache(settings), portValue: port }),
  };
}
