import type { Cluster, ClusterHttpProtocolOptions } from '../../envoy';
import { Cluster_DiscoveryType as Discovery, duration } from '../../envoy';
import { merge } from '../../features/fragment';
import { Attachments } from '../../model/attachment';
import { BLACK_HOLE_CLUSTER, DYNAMIC_DNS_CLUSTER, INBOUND_PASSTHROUGH_CLUSTER, PASSTHROUGH_CLUSTER } from '../../model/cluster';
import type { MeshSettings } from '../../model/mesh';
import { INBOUND_SOURCE } from './address';
import type { EmittedCluster } from './cluster';
import { fragmentsOf } from './cluster';
import { emitDynamicDiscovery } from './dynamic-dns';
import { emitOriginal, inboundFragments, upstream } from './inbound-cluster';
import type { ProxyClass } from './proxy-class';
import { bindConfig } from './proxy-class';
import { finish, mergeHttp } from './upstream-protocol';

/** Nobody counts on connections to strangers to stay (pilot/pkg/networking/core/cluster_builder.go). */
const PASSING: ClusterHttpProtocolOptions = { commonHttpProtocolOptions: { idleTimeout: duration(300_000) } };

/** Connections to where they wanted to go, whoever that is. */
export function emitPassthroughCluster(settings: MeshSettings): Cluster {
  return emitPassing(PASSTHROUGH_CLUSTER, settings, {});
}

export function emitInboundPassthroughCluster(settings: MeshSettings): Cluster {
  return emitPassing(INBOUND_PASSTHROUGH_CLUSTER, settings, bindConfig(INBOUND_SOURCE));
}

/** Of the mesh's own policy only its limits hold: what it says about HTTP is about services that are known, as in Istio. */
function emitPassing(name: string, settings: MeshSettings, bind: Cluster): Cluster {
  const fragments = inboundFragments(settings.defaultPolicy, 'Auto', settings).map(({ cluster }) => ({ cluster }));
  return emitOriginal(name, settings, { fragments: [...fragments, { http: PASSING }], bind, protocol: 'Auto' });
}

/** For requests whose host nobody knows: the proxy looks it up itself, and opens TLS if the mesh says so. */
export function emitUnknownHostsCluster(proxy: ProxyClass, settings: MeshSettings): EmittedCluster {
  const policy = settings.outboundTrafficPolicy.clientTls ?? Attachments.NONE;
  const fragments = fragmentsOf(policy, {
    direction: 'outbound', protocol: 'Auto', looksUpHosts: true, systemTrust: proxy.systemTrust, mesh: settings.features, mayUseSecrets: true, ejects: false,
  });
  // TLS that the proxy opens has nobody's offer of HTTP/2 in it.
  const encrypted = fragments.some(({ http }) => http?.upstreamHttpProtocolOptions);
  const http = encrypted ? mergeHttp(fragments, upstream('HTTP', settings)) : mergeHttp([...fragments, { http: PASSING }], upstream('Auto', settings));
  return {
    cluster: finish(merge<Cluster>(
      { name: DYNAMIC_DNS_CLUSTER, connectTimeout: duration(settings.connectTimeout), ...emitDynamicDiscovery(settings) },
      ...fragments.map((fragment) => fragment.cluster),
    ), http),
    secrets: fragments.flatMap((fragment) => fragment.secrets ?? []),
  };
}

export function emitBlackHoleCluster(settings: MeshSettings): Cluster {
  return { name: BLACK_HOLE_CLUSTER, type: Discovery.STATIC, connectTimeout: duration(settings.connectTimeout) };
}
