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
}

/** The port at which every TCP connection from a pod to anything but a pod arrives. */
export const OUTSIDE_PORT = 15001;

const ENVOY = 'type.googleapis.com/envoy';
/** Breakers belong into the pods' proxies; here they would only be in the way. */
const UNLIMITED = { thresholds: [{ max_connections: 1 << 30, max_pending_requests: 1 << 30, max_requests: 1 << 30, max_retries: 1 << 30 }] };

/**
 * The configuration of the outside Envoy, in the spelling of its files. Endpoints stand in their clusters: as resources of their own each would
 * need a file, and with it one of the few inotify instances that a user may have. Open connections outlive a change of their cluster.
 */
export function emitOutside(state: OutsideState): OutsideResources {
  const pipes = new Set(state.standIns.map(({ socket }) => socket));
  return {
    listeners: [redirectListener(state), ...state.exposed.map(exposedListener)],
    clusters: [
      ...state.services.map(({ address, port, endpoints }) => cluster(`service|${address}|${port}`, endpoints.map(socketAddress))),
      ...state.exposed.map(({ name, endpoints }) => cluster(`exposed|${name}`, endpoints.map(socketAddress))),
      ...[...pipes].map((path) => cluster(`stand-in|${path}`, [{ pipe: { path } }])),
      cluster('host', state.hostSocket ? [{ pipe: { path: state.hostSocket } }] : []),
    ],
  };
}

function redirectListener(state: OutsideState): object {
  return {
    name: 'outside',
    address: socketAddress({ address: '0.0.0.0', port: OUTSIDE_PORT }),
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

/** Without endpoints, connections are closed at once. */
function cluster(name: string, addresses: readonly object[]): object {
  const endpoints = addresses.map((address) => ({ endpoint: { address } }));
  return {
    name, type: 'STATIC', connect_timeout: '10s', circuit_breakers: UNLIMITED,
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] },
  };
}

function socketAddress({ address, port }: Endpoint): object {
  return { socket_address: { address, port_value: port } };
}
