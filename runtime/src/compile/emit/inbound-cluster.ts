import type { Cluster } from '../../envoy';
import { Cluster_DiscoveryType as Discovery, duration } from '../../envoy';
import type { ClusterFragment } from '../../features/emitter';
import { merge } from '../../features/fragment';
import type { Attachments } from '../../model/attachment';
import { inboundCluster } from '../../model/cluster';
import type { MeshSettings } from '../../model/mesh';
import type { Protocol } from '../../model/protocol';
import type { Service, ServicePort } from '../../model/service';
import { INBOUND_SOURCE, LOCALHOST, socketAddress } from './address';
import { fragmentsOf } from './cluster';
import { bindConfig } from './proxy-class';
import { statName } from './stat-name';
import { finish, mergeHttp } from './upstream-protocol';

export interface InboundClusterOptions {
  readonly settings: MeshSettings;
  readonly policy: Attachments;
  /** Where the application listens, if not where the connection wanted to go. */
  readonly endpoint?: { readonly address: string; readonly port: number } | { readonly path: string };
  readonly served?: { readonly service: Service; readonly port: ServicePort };
}

/** The application behind a port of the pod. */
export function emitInboundCluster(port: number, protocol: Protocol, options: InboundClusterOptions): Cluster {
  const { settings, policy, endpoint, served } = options;
  const name = inboundCluster(port);
  const altStatName = served ? statName(settings.statNames.inbound, { ...served, target: port }) : {};
  const fragments = inboundFragments(policy, protocol, settings);
  if (!endpoint) {
    return emitOriginal(name, settings, { fragments, bind: { ...altStatName, ...bindConfig(INBOUND_SOURCE) }, protocol });
  }
  const address = 'path' in endpoint ? { pipe: { path: endpoint.path } } : socketAddress(endpoint.address, endpoint.port);
  return finish(merge<Cluster>(
    {
      name,
      ...altStatName,
      type: Discovery.STATIC,
      connectTimeout: duration(settings.connectTimeout),
      loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] },
      // What the proxy sends to its own pod would be captured again, but for this address.
      ...('address' in endpoint && endpoint.address !== LOCALHOST && bindConfig(INBOUND_SOURCE)),
    },
    ...fragments.map((fragment) => fragment.cluster),
  ), mergeHttp(fragments, upstream(protocol, settings)));
}

interface OriginalOptions {
  readonly fragments: readonly ClusterFragment[];
  readonly bind: Cluster;
  readonly protocol: Protocol;
}

export function emitOriginal(name: string, settings: MeshSettings, { fragments, bind, protocol }: OriginalOptions): Cluster {
  return finish(merge<Cluster>(
    { name, type: Discovery.ORIGINAL_DST, connectTimeout: duration(settings.connectTimeout), ...bind },
    ...fragments.map((fragment) => fragment.cluster),
  ), mergeHttp(fragments, upstream(protocol, settings)));
}

export function inboundFragments(policy: Attachments, protocol: Protocol, { features }: MeshSettings): ClusterFragment[] {
  return fragmentsOf(policy, {
    direction: 'inbound', protocol, systemTrust: '', mesh: features, mayUseSecrets: false, ejects: false,
  });
}

/** Towards the application, and towards strangers, sidecars find out. */
export function upstream(protocol: Protocol, { proxy: headerCase }: MeshSettings) {
  return { protocol, headerCase, detects: true };
}
