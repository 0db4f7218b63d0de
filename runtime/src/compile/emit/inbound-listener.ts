import type { Filter, FilterChain, Listener, ListenerFilter, RetryPolicy, TransportSocket } from '../../envoy';
import { TrafficDirection, any, duration, uint32 } from '../../envoy';
import { INBOUND_PASSTHROUGH_CLUSTER, inboundCluster } from '../../model/cluster';
import { INBOUND_PORT } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import type { PeerSettings } from '../../model/peer';
import { peerModeOf } from '../../model/peer';
import type { Protocol } from '../../model/protocol';
import { listenerProtocol } from '../../model/protocol';
import type { AppliedPolicies } from '../../model/workload-policy';
import { protocolFilters } from './protocol-filter';
import { ANY_ADDRESS, socketAddress } from './address';
import { connectionGuards, httpFilter, refusedLog, tcpFilter } from './network-filter';
import type { ChainForm, PortForms } from './inbound-form';
import { chainForms, emitInspectors, ownTlsForm } from './inbound-form';
import { PLAIN_HTTP, acceptsAtOnce, blackHoleChain, listenerName, plainHttp } from './outbound-listener';
import { emittersWith } from './rooms';
import { emitVirtualHost } from './virtual-host';

/** A port on which the application of the pod is called. */
export interface InboundPort {
  /** The port that connections come to: the service's target. */
  readonly target: number;
  /** The service's own, after which its virtual host is called, or that of the Sidecar. */
  readonly port: number;
  readonly protocol: Protocol;
  /** What the operation in traces is called: `reviews.shop.svc.cluster.local:9080`. */
  readonly operation: string;
  /** The address that its filter chains are named after. @default any */
  readonly bind?: string;
  /** TLS of its own ends here. */
  readonly tls?: TransportSocket;
}

/** What holds for all ports of a workload. */
export interface InboundContext {
  readonly settings: MeshSettings;
  readonly policies: AppliedPolicies;
  /** What those policies ask of callers. */
  readonly peers: PeerSettings;
}

const ORIGINAL_DST: ListenerFilter = { name: 'envoy.filters.listener.original_dst', typedConfig: any('OriginalDst', {}) };

/** Who connects to the listener's own port is refused without a look. */
const OWN_PORT: PortForms = { port: INBOUND_PORT, forms: [] };

/** Takes what comes to the pod. */
export function emitVirtualInbound(ports: readonly InboundPort[], context: InboundContext): Listener {
  const { settings } = context;
  return {
    name: 'virtualInbound',
    address: socketAddress(ANY_ADDRESS, INBOUND_PORT),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [ORIGINAL_DST, ...emitInspectors([...portForms({ captured: ports, context }), OWN_PORT])],
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    ...acceptsAtOnce(settings),
    filterChains: [
      blackHoleChain('virtualInbound-blackhole', INBOUND_PORT, settings),
      ...passthroughChains({ captured: ports, context }),
      ...ports.flatMap((port) => portChains(port, context)),
    ],
    accessLog: refusedLog(settings),
  };
}

/** A port at which callers find the proxy without being redirected. */
export function emitBoundInbound(port: InboundPort, context: InboundContext): Listener {
  const { settings } = context;
  const bind = port.bind ?? ANY_ADDRESS;
  return {
    name: listenerName(bind, port.target),
    address: socketAddress(bind, port.target),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: emitInspectors([{ port: port.target, forms: formsOf(port, context.peers) }]),
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    ...acceptsAtOnce(settings),
    filterChains: portChains(port, context),
    accessLog: refusedLog(settings),
  };
}

interface InboundPorts {
  readonly captured: readonly InboundPort[];
  readonly context: InboundContext;
}

/** Every port by itself, and what comes to ports that no service knows; of those too, policies may single some out. */
function portForms({ captured, context: { peers } }: InboundPorts): PortForms[] {
  const known = new Set(captured.map(({ target }) => target));
  const single = [...peers.ports.keys()].filter((port) => !known.has(port)).sort((a, b) => a - b);
  return [
    { forms: chainForms(peers.mode, 'Auto') },
    ...single.map((port) => ({ port, forms: chainForms(peerModeOf(peers, port), 'Auto') })),
    ...captured.map((port) => ({ port: port.target, forms: formsOf(port, peers) })),
  ];
}

/** TLS of a port's own ends here only where mutual TLS is off, as in Istio: a port cannot end both. */
function formsOf(port: InboundPort, peers: PeerSettings): readonly ChainForm[] {
  const mode = peerModeOf(peers, port.target);
  if (port.tls && mode === 'DISABLE') {
    return [ownTlsForm(carriedOf(port))];
  }
  return chainForms(mode, port.tls ? (carriedOf(port) === 'http' ? 'HTTP' : 'TCP') : listenerProtocol(port.protocol));
}

function carriedOf({ protocol }: InboundPort): ChainForm['carries'] {
  return protocol === 'HTTPS' ? 'http' : 'bytes';
}

function passthroughChains({ captured, context }: InboundPorts): FilterChain[] {
  const { settings, policies } = context;
  const cluster = INBOUND_PASSTHROUGH_CLUSTER;
  const filters: Filters = {
    http: [inboundHttp(cluster, { cluster, port: 0, protocol: 'Auto', operation: ':0', settings, policies })],
    bytes: [...connectionGuards({ side: 'inbound', settings, policies }), tcpFilter({ statPrefix: cluster, target: cluster, settings })],
  };
  const known = new Set(captured.map(({ target }) => target));
  return portForms({ captured, context }).filter(({ port }) => port === undefined || !known.has(port)).flatMap(({ port, forms }) =>
    forms.map((form) => emitChain(form.carries === 'http' ? 'virtualInbound-catchall-http' : 'virtualInbound', form, { port, filters, settings })));
}

function portChains(port: InboundPort, { settings, policies, peers }: InboundContext): FilterChain[] {
  const name = listenerName(port.bind ?? ANY_ADDRESS, port.target);
  const cluster = inboundCluster(port.target);
  const forward = protocolFilters(tcpFilter({ statPrefix: cluster, target: cluster, settings }), {
    protocol: port.protocol, switches: settings.switches, statPrefix: cluster, cluster, choosesServers: false,
  });
  const filters: Filters = {
    http: [inboundHttp(`inbound_${name}`, {
      cluster, port: port.port, protocol: port.protocol, operation: port.operation, settings, policies,
    })],
    bytes: [...connectionGuards({ side: 'inbound', settings, policies }), ...forward],
  };
  const own = peerModeOf(peers, port.target) === 'DISABLE' ? port.tls : undefined;
  return formsOf(port, peers).map((form) => emitChain(name, form, { port: port.target, filters, settings, own }));
}

type Filters = Readonly<Record<ChainForm['carries'], readonly Filter[]>>;

interface ChainParts {
  readonly port?: number;
  readonly filters: Filters;
  readonly settings: MeshSettings;
  /** TLS that is not mutual TLS of the mesh. */
  readonly own?: TransportSocket;
}

function emitChain(name: string, { match, carries, mutual }: ChainForm, { port, filters, settings, own }: ChainParts): FilterChain {
  const transportSocket = mutual ? emitPeerSocket(settings) : own;
  const looked = match.applicationProtocols === PLAIN_HTTP && { applicationProtocols: plainHttp(settings.switches) };
  return {
    name,
    filterChainMatch: { ...(port !== undefined && { destinationPort: uint32(port) }), ...match, ...looked },
    filters: filters[carries],
    ...(transportSocket && { transportSocket }),
  };
}

const [PEERS] = emittersWith('peerTls');

function emitPeerSocket(settings: MeshSettings): TransportSocket {
  return { name: 'envoy.transport_sockets.tls', typedConfig: any('DownstreamTlsContext', PEERS.peerTls(settings)) };
}

interface InboundHttpOptions extends Omit<InboundContext, 'peers'> {
  readonly cluster: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly operation: string;
}

/** A connection that the application closes while a request is on its way to it costs the caller nothing. Streams of gRPC do not go well with it. */
const RETRIES: RetryPolicy = { retryOn: 'reset-before-request', numRetries: uint32(2) };

function inboundHttp(statPrefix: string, { cluster, port, protocol, operation, settings, policies }: InboundHttpOptions): Filter {
  const grpcWeb = protocol === 'GRPC-Web';
  const route = {
    name: 'default',
    match: { prefix: '/' },
    // The caller's proxy keeps the time.
    route: {
      cluster,
      timeout: duration(0),
      ...(protocol !== 'GRPC' && !grpcWeb && { retryPolicy: RETRIES }),
      maxStreamDuration: { maxStreamDuration: duration(0), grpcTimeoutHeaderMax: duration(0) },
    },
    decorator: { operation: `${operation}/*` },
  };
  // The caller counts attempts; here they would all be first ones.
  const host = emitVirtualHost(`inbound|http|${port}`, ['*'], [route], { attemptCount: false });
  const routes = { name: cluster, virtualHosts: [host], validateClusters: { value: false } };
  return httpFilter({ statPrefix, routes, side: 'inbound', settings, policies, grpcWeb });
}
