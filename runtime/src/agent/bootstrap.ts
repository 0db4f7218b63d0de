import {
  agentCluster, any, ApiConfigSource_ApiType, ApiVersion, bool, duration, GLOBAL_RUNTIME,
  SocketOption_SocketState, struct, toJson, type Address, type Bootstrap, type Cluster, type ConfigSource,
} from '../envoy';
import type { ProxyNode } from './node';
import { probeCluster, probeListener } from './probe-tunnel';
import {
  ADMIN_PORT, adminCluster, adminListener, LOCAL_CLUSTER, localCluster, metricsListener, socketAddress, statusListener, XDS_CLUSTER, xdsCluster, type ControlPlaneAddress,
} from './static-resources';

export interface BootstrapOptions {
  readonly node: ProxyNode;
  readonly controlPlane: ControlPlaneAddress;
  /** Unix socket of the agent, which serves the proxy's certificate and the roots. @default the proxy has no identity */
  readonly secretSocket?: string;
  /** A Unix socket through which an agent outside of the pod asks the application how it is. @default none */
  readonly probeSocket?: string;
  /** A Unix socket for the admin interface; port 15000 on the loopback leads to it. @default the interface is at that port itself */
  readonly adminSocket?: string;
  /** Mark of the proxy's own connections, by which capture tells them apart. @default none: they are told apart by user */
  readonly mark?: number;
  /** Address of the name server that the proxy asks. @default what resolv.conf says */
  readonly nameServer?: string;
}

/** Socket option of Linux: `SOL_SOCKET`, `SO_MARK`. */
const SOL_SOCKET = 1;
const SO_MARK = 36;
const DNS_PORT = 53;

/** The configuration that an Envoy starts with, as JSON: who it is, where its control plane is, how it can be watched. */
export function emitBootstrap(options: BootstrapOptions): object {
  const { node, controlPlane, adminSocket } = options;
  const admin: Address = adminSocket === undefined ? socketAddress('127.0.0.1', ADMIN_PORT) : { pipe: { path: adminSocket, mode: 0o600 } };
  const bootstrap: Bootstrap = {
    node: { id: node.id, cluster: node.cluster, metadata: struct(node.metadata), ...(node.locality ? { locality: node.locality } : {}) },
    admin: { address: admin, ignoreGlobalConnLimit: true },
    layeredRuntime: { layers: [{ name: 'global config', staticLayer: struct(GLOBAL_RUNTIME) }, { name: 'admin', adminLayer: {} }] },
    statsConfig: { useAllDefaultTags: bool(false), statsTags: STATS_TAGS.map(([tagName, regex]) => ({ tagName, regex })) },
    dynamicResources: {
      ldsConfig: ADS,
      cdsConfig: ADS,
      adsConfig: {
        apiType: ApiConfigSource_ApiType.DELTA_GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        // A control plane that starts again is noticed soon; Envoy's own default waits up to 30 s.
        grpcServices: [{ envoyGrpc: { clusterName: XDS_CLUSTER, retryPolicy: { retryBackOff: { baseInterval: duration(100), maxInterval: duration(2_000) } } } }],
      },
    },
    staticResources: {
      clusters: [adminCluster(admin), xdsCluster(controlPlane), ...agentClusters(options), ...(knowsItself(node) ? [localCluster(ADS)] : [])],
      listeners: [
        metricsListener(), statusListener(),
        ...(adminSocket === undefined ? [] : [adminListener()]), ...(options.probeSocket === undefined ? [] : [probeListener(options.probeSocket)]),
      ],
    },
    // Gateways and sidecars alike serve what the machine can bear; limits are for the user to set.
    overloadManager: {
      resourceMonitors: [{ name: 'envoy.resource_monitors.global_downstream_max_connections', typedConfig: any('DownstreamConnectionsConfig', UNLIMITED) }],
    },
    ...(options.nameServer === undefined ? {} : askNameServer(options.nameServer)),
    ...clusterManager(options),
  };
  return toJson('Bootstrap', bootstrap) as object;
}

/** Off in Istio too, unless the proxyMetadata of the pod or of the mesh say otherwise. */
function knowsItself({ metadata }: ProxyNode): boolean {
  return String(metadata.ENABLE_SELF_DISCOVERY) === 'true';
}

function clusterManager({ node, mark }: BootstrapOptions): Pick<Bootstrap, 'clusterManager'> {
  const manager: Bootstrap['clusterManager'] = {
    ...(knowsItself(node) && { localClusterName: LOCAL_CLUSTER }),
    ...(mark !== undefined && { upstreamBindConfig: markConnections(mark) }),
  };
  return Object.keys(manager).length > 0 ? { clusterManager: manager } : {};
}

function agentClusters({ secretSocket, probeSocket }: BootstrapOptions): Cluster[] {
  return [...(secretSocket === undefined ? [] : [agentCluster(secretSocket)]), ...(probeSocket === undefined ? [] : [probeCluster()])];
}

function askNameServer(address: string): Bootstrap {
  const resolver = any('CaresDnsResolverConfig', { resolvers: [socketAddress(address, DNS_PORT)] });
  return { typedDnsResolverConfig: { name: 'envoy.network.dns_resolver.cares', typedConfig: resolver } };
}

/** Never started without configuration: Envoy waits for the control plane as long as it takes. */
const ADS: ConfigSource = { ads: {}, initialFetchTimeout: duration(0), resourceApiVersion: ApiVersion.V3 };

const UNLIMITED = { maxActiveDownstreamConnections: 2_147_483_647 };

function markConnections(mark: number) {
  return { socketOptions: [{ level: SOL_SOCKET, name: SO_MARK, intValue: mark, state: SocketOption_SocketState.STATE_PREBIND }] };
}

/** How names of statistics become labels. Istio's, for its cluster names hold dots, which Envoy's own take for their end. */
const STATS_TAGS: readonly (readonly [name: string, regex: string])[] = [
  // A name that MeshConfig gave ends with a semicolon.
  ['cluster_name', String.raw`^cluster\.((.+?(?=;)|.+?(\..+?\.svc\.cluster\.local)?);?\.)`],
  ['tcp_prefix', String.raw`^tcp\.((.*?)\.)\w+?$`],
  ['response_code', String.raw`_rq(_(\d{3}))$`],
  ['response_code_class', String.raw`_rq(_(\dxx))$`],
  ['http_conn_manager_listener_prefix', String.raw`^listener(?=\.).*?\.http\.(((?:[_.[:digit:]]*|[_\[\]aAbBcCdDeEfF[:digit:]]*))\.)`],
  ['http_conn_manager_prefix', String.raw`^http\.(((?:[_.[:digit:]]*|[_\[\]aAbBcCdDeEfF[:digit:]]*))\.)`],
  ['listener_address', String.raw`^listener\.(((?:[_.[:digit:]]*|[_\[\]aAbBcCdDeEfF[:digit:]]*))\.)`],
  ['mongo_prefix', String.raw`^mongo\.(.+?)\.(collection|cmd|cx_|op_|delays_|decoding_)(.*?)$`],
];
