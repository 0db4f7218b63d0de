import type { Cluster, ClusterHttpProtocolOptions } from '../../envoy';
import { Cluster_DiscoveryType as Discovery, Cluster_LbPolicy, any } from '../../envoy';
import type { ClusterFragment } from '../../features/emitter';
import { merge } from '../../features/fragment';
import type { Protocol } from '../../model/protocol';
import { isHttp, isHttp2 } from '../../model/protocol';
import type { ProxySettings } from '../../model/proxy-settings';
import { withHeaderCase } from './header-case';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

interface Upstream {
  readonly protocol: Protocol;
  readonly headerCase: ProxySettings;
  /**
   * Whether the proxy finds out what its callers speak where nobody said it. Gateways do not: their callers agree on HTTP/2 with them, which says
   * nothing about who is behind (pilot/pkg/networking/core/cluster_builder.go, `setUpstreamProtocol`).
   */
  readonly detects: boolean;
}

/** Exactly one of Envoy's ways to choose a protocol; what a policy asks for wins over what the port says. */
export function mergeHttp(fragments: readonly ClusterFragment[], { protocol, headerCase, detects }: Upstream): ClusterHttpProtocolOptions | undefined {
  const asked = merge<ClusterHttpProtocolOptions>(...fragments.map((fragment) => fragment.http));
  const chosen = asked.useDownstreamProtocolConfig ?? asked.explicitHttpConfig;
  const mirrored = protocol === 'Auto' && detects;
  const needed = chosen || Object.keys(asked).length > 0 || isHttp2(protocol) || mirrored;
  const options = needed ? { ...asked, ...(chosen ? {} : protocolOptions(protocol, mirrored)) } : undefined;
  return isHttp(protocol) || protocol === 'Auto' ? withHeaderCase(options, headerCase) : options;
}

function protocolOptions(protocol: Protocol, mirrored: boolean): ClusterHttpProtocolOptions {
  if (mirrored) {
    // What the caller speaks is what the callee gets: nobody said what this port is.
    return { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} } };
  }
  return { explicitHttpConfig: isHttp2(protocol) ? { http2ProtocolOptions: {} } : { httpProtocolOptions: {} } };
}

export function finish(cluster: Cluster, http: ClusterHttpProtocolOptions | undefined): Cluster {
  const options = http && { typedExtensionProtocolOptions: { [HTTP_OPTIONS]: any('ClusterHttpProtocolOptions', http) } };
  // Clusters that find their endpoints on their own balance on their own too, whatever a policy asks for.
  const dynamic = cluster.clusterType?.name === 'envoy.clusters.dynamic_forward_proxy';
  if (cluster.type !== Discovery.ORIGINAL_DST && !dynamic) {
    return { ...cluster, ...options };
  }
  const { edsClusterConfig: _eds, loadAssignment: _load, ringHashLbConfig: _ring, maglevLbConfig: _maglev, ...rest } = cluster;
  const { leastRequestLbConfig: _least, roundRobinLbConfig: _round, clusterType, ...original } = rest;
  return { ...original, ...(dynamic && { clusterType }), ...options, lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED };
}

