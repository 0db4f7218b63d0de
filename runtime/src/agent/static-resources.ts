import {
  agentSecret, any, Cluster_DiscoveryType, Cluster_DnsLookupFamily, duration, RoutingPriority, SubjectAltNameMatcher_SanType, TlsParameters_TlsProtocol, uint32,
  type Address, type Cluster, type ConfigSource, type Listener, type TransportSocket, type UpstreamTlsContext,
} from '../envoy';

/** Where the control plane listens: a Unix socket on this machine, or a host and port. */
export type ControlPlaneAddress = { readonly path: string } | NetworkAddress;

export interface NetworkAddress {
  readonly host: string;
  readonly port: number;
  /** Mutual TLS: the name that the control plane's certificate must have, and roots other than the mesh's. @default plain text */
  readonly secure?: { readonly name: string; readonly rootFile?: string };
}

export const ADMIN_PORT = 15000;
export const STATUS_PORT = 15021;
export const METRICS_PORT = 15090;

export const XDS_CLUSTER = 'xds-grpc';
export const LOCAL_CLUSTER = 'local_cluster';
const ADMIN_CLUSTER = 'prometheus_stats';
const LIMITS = { maxConnections: uint32(100_000), maxPendingRequests: uint32(100_000), maxRequests: uint32(100_000) };

/** The cluster of the control plane, with Istio's name and limits. */
export function xdsCluster(address: ControlPlaneAddress): Cluster {
  return {
    name: XDS_CLUSTER,
    ...(isPath(address)
      ? { type: Cluster_DiscoveryType.STATIC }
      : { type: Cluster_DiscoveryType.STRICT_DNS, dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED, respectDnsTtl: true }),
    connectTimeout: duration(1_000),
    ...(!isPath(address) && address.secure ? { transportSocket: mutualTls(address.secure) } : {}),
    loadAssignment: single(XDS_CLUSTER, isPath(address) ? { pipe: { path: address.path } } : socketAddress(address.host, address.port)),
    circuitBreakers: { thresholds: [{ priority: RoutingPriority.DEFAULT, ...LIMITS }, { priority: RoutingPriority.HIGH, ...LIMITS }] },
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: uint32(300) } },
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('ClusterHttpProtocolOptions', {
        explicitHttpConfig: { http2ProtocolOptions: { connectionKeepalive: { interval: duration(30_000), timeout: duration(10_000) } } },
      }),
    },
  };
}

/** The proxy shows the certificate that the agent got for it. */
function mutualTls({ name, rootFile }: NonNullable<NetworkAddress['secure']>): TransportSocket {
  const names = { matchTypedSubjectAltNames: [{ sanType: SubjectAltNameMatcher_SanType.DNS, matcher: { exact: name } }] };
  const context: UpstreamTlsContext = {
    sni: name,
    commonTlsContext: {
      alpnProtocols: ['h2'],
      tlsParams: { tlsMinimumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_2 },
      tlsCertificateSdsSecretConfigs: [agentSecret('default')],
      ...(rootFile === undefined
        ? { combinedValidationContext: { defaultValidationContext: names, validationContextSdsSecretConfig: agentSecret('ROOTCA') } }
        : { validationContext: { ...names, trustedCa: { filename: rootFile } } }),
    },
  };
  return { name: 'envoy.transport_sockets.tls', typedConfig: any('UpstreamTlsContext', context) };
}

/** The proxy's own admin interface, for the static listeners. */
export function adminCluster(admin: Address): Cluster {
  return {
    name: ADMIN_CLUSTER,
    type: Cluster_DiscoveryType.STATIC,
    connectTimeout: duration(250),
    loadAssignment: single(ADMIN_CLUSTER, admin),
  };
}

/**
 * The proxy's own service, by which Envoy knows how callers are spread over zones: with it, and `localClusterName`, routing is zone-aware
 * (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/zone_aware). Its endpoints come from the control plane.
 */
export function localCluster(edsConfig: ConfigSource): Cluster {
  return {
    name: LOCAL_CLUSTER,
    altStatName: `${LOCAL_CLUSTER};`,
    type: Cluster_DiscoveryType.EDS,
    connectTimeout: duration(1_000),
    edsClusterConfig: { edsConfig, serviceName: LOCAL_CLUSTER },
  };
}

/** Readiness: answers only when the workers have started, which is after the first complete configuration. */
export function statusListener(): Listener {
  return httpListener('agent', STATUS_PORT, { prefix: '/healthz/ready', prefixRewrite: '/ready' });
}

export function metricsListener(): Listener {
  return httpListener('stats', METRICS_PORT, { prefix: '/stats/prometheus' });
}

/** Port 15000 on the pod's loopback, where the admin interface itself is a Unix socket. */
export function adminListener(): Listener {
  const proxy = any('TcpProxy', { statPrefix: 'admin', cluster: ADMIN_CLUSTER });
  return {
    name: 'admin',
    address: socketAddress('127.0.0.1', ADMIN_PORT),
    filterChains: [{ filters: [{ name: 'envoy.filters.network.tcp_proxy', typedConfig: proxy }] }],
    ignoreGlobalConnLimit: true,
  };
}

export function socketAddress(address: string, portValue: number): Address {
  return { socketAddress: { address, portValue } };
}

function httpListener(name: string, port: number, { prefix, prefixRewrite }: { prefix: string; prefixRewrite?: string }): Listener {
  const manager = any('HttpConnectionManager', {
    statPrefix: name,
    routeConfig: {
      virtualHosts: [{ name: 'backend', domains: ['*'], routes: [{ match: { prefix }, route: { cluster: ADMIN_CLUSTER, ...(prefixRewrite ? { prefixRewrite } : {}) } }] }],
    },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: any('Router', {}) }],
  });
  return {
    name,
    address: socketAddress('0.0.0.0', port),
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }] }],
    ignoreGlobalConnLimit: true,
  };
}

function single(clusterName: string, address: Address): Cluster['loadAssignment'] {
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}

function isPath(address: ControlPlaneAddress): address is { readonly path: string } {
  return 'path' in address;
}
