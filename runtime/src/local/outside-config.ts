/** An address that pods call and that stands for endpoints: a ClusterIP's port, an exposed gateway. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A port of a ClusterIP. */
export interface ServicePort {
  readonly address: string;
  readonly port: number;
  readonly endpoints: readonly Endpoint[];
}

/** A port of pods that is to be reached from the host process, through a Unix socket. */
export interface ExposedPort {
  /** Unique; the socket's file name comes from it. */
  readonly name: string;
  readonly socket: string;
  readonly endpoints: readonly Endpoint[];
}

/** A port of a stand-in: answered by an echo server at a Unix socket. */
export interface StandInPort {
  readonly address: string;
  readonly port: number;
  /** Present: TLS ends here, with this certificate. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  readonly socket: string;
}

export interface OutsideState {
  readonly services: readonly ServicePort[];
  readonly exposed: readonly ExposedPort[];
  readonly standIns: readonly StandInPort[];
  /** Where the host process takes CONNECT requests; without it nothing beyond the stand-ins can be reached. */
  readonly hostSocket?: string;
}

export interface OutsideResources {
  readonly listeners: readonly object[];
  readonly clusters: readonly object[];
  /** By cluster name; each is a file of its own, as Envoy wants it. */
  readonly endpoints: ReadonlyMap<string, object>;
}

/** The port at which every TCP connection from a pod to anything but a pod arrives. */
export const OUTSIDE_PORT = 15001;

const ENVOY = 'type.googleapis.com/envoy';
/** Breakers belong into the pods' proxies; here they would only be in the way. */
const UNLIMITED = { thresholds: [{ max_connections: 1 << 30, max_pending_requests: 1 << 30, max_requests: 1 << 30, max_retries: 1 << 30 }] };

/** The configuration of the outside Envoy, in the spelling of its files. `endpointFile` names the file of a cluster's endpoints. */
export function emitOutside(state: OutsideState, endpointFile: (cluster: string) => object): OutsideResources {
  const balanced = [
    ...state.services.map(({ address, port, endpoints }) => ({ name: `service|${address}|${port}`, endpoints })),
    ...state.exposed.map(({ name, endpoints }) => ({ name: `exposed|${name}`, endpoints })),
  ];
  return {
    listeners: [redirectListener(state), ...state.exposed.map(exposedListener)],
    clusters: [
      ...balanced.map(({ name }) => ({
        name, type: 'EDS', connect_timeout: '10s', circuit_breakers: UNLIMITED,
        eds_cluster_config: { eds_config: endpointFile(name) },
      })),
      ...[...new Set(state.standIns.map(({ socket }) => socket))].map((socket) => pipeCluster(`stand-in|${socket}`, socket)),
      ...(state.hostSocket ? [pipeCluster('host', state.hostSocket)] : [{ name: 'host', type: 'STATIC', load_assignment: { cluster_name: 'host' } }]),
    ],
    endpoints: new Map(balanced.map(({ name, endpoints }) => [name, assignment(name, endpoints)])),
  };
}

function redirectListener(state: OutsideState): object {
  return {
    name: 'outside',
    address: socketAddress('0.0.0.0', OUTSIDE_PORT),
    listener_filters: [{ name: 'original_dst', typed_config: { '@type': `${ENVOY}.extensions.filters.listener.original_dst.v3.OriginalDst` } }],
    filter_chains: [
      ...state.services.map(({ address, port }) => chain(`${address}:${port}`, { address, port }, tcpProxy(`service|${address}|${port}`))),
      ...state.standIns.map(({ address, port, socket, tls }) => ({
        ...chain(`${address}:${port}`, { address, port }, tcpProxy(`stand-in|${socket}`)),
        ...(tls ? { transport_socket: tlsServer(tls) } : {}),
      })),
    ],
    default_filter_chain: {
      name: 'host',
      // The host process connects to whatever address the pod wanted.
      filters: [tcpProxy('host', state.hostSocket ? { tunneling_config: { hostname: '%DOWNSTREAM_LOCAL_ADDRESS%' } } : {})],
    },
  };
}

function exposedListener({ name, socket }: ExposedPort): object {
  return {
    name: `exposed|${name}`,
    address: { pipe: { path: socket, mode: 0o600 } },
    filter_chains: [{ name, filters: [tcpProxy(`exposed|${name}`)] }],
  };
}

function chain(name: string, { address, port }: Endpoint, filter: object): object {
  return {
    name,
    filter_chain_match: { prefix_ranges: [{ address_prefix: address, prefix_len: 32 }], destination_port: port },
    filters: [filter],
  };
}

function tcpProxy(cluster: string, more: object = {}): object {
  return {
    name: 'tcp_proxy',
    typed_config: {
      '@type': `${ENVOY}.extensions.filters.network.tcp_proxy.v3.TcpProxy`,
      'stat_prefix': cluster.split('|')[0], cluster, 'idle_timeout': '0s', ...more,
    },
  };
}

function tlsServer({ certificateFile, keyFile }: NonNullable<StandInPort['tls']>): object {
  return {
    name: 'tls',
    typed_config: {
      '@type': `${ENVOY}.extensions.transport_sockets.tls.v3.DownstreamTlsContext`,
      'common_tls_context': {
        alpn_protocols: ['h2', 'http/1.1'],
        tls_certificates: [{ certificate_chain: { filename: certificateFile }, private_key: { filename: keyFile } }],
      },
    },
  };
}

function pipeCluster(name: string, path: string): object {
  return {
    name, type: 'STATIC', connect_timeout: '10s', circuit_breakers: UNLIMITED,
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path } } } }] }] },
  };
}

function assignment(cluster: string, endpoints: readonly Endpoint[]): object {
  return {
    cluster_name: cluster,
    endpoints: [{ lb_endpoints: endpoints.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } })) }],
  };
}

function socketAddress(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}
