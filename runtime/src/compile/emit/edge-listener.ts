import type { DownstreamTlsContext, Filter, FilterChain, Listener, ListenerFilter, TransportSocket } from '../../envoy';
import { SocketAddress_Protocol, TrafficDirection, any } from '../../envoy';
import type { SecretRef, ServerTlsCarries } from '../../features/emitter';
import { ROOMS } from '../../features';
import { Attachments } from '../../model/attachment';
import type { ServerTls } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import { listenerAddress } from './address';
import { emitBuffer } from './connection-settings';
import type { HttpOptions } from './network-filter';
import { httpFilter, refusedLog } from './network-filter';
import { TLS_INSPECTOR, acceptsAtOnce, handshakeTimeout, listenerName } from './outbound-listener';

/** One filter chain of a gateway's listener. */
export interface EdgeChain {
  readonly names: readonly string[];
  /** Protocols of which the client must offer one. */
  readonly protocols?: readonly string[];
  readonly filters: readonly Filter[];
  readonly transportSocket?: TransportSocket;
}

const PROXY_PROTOCOL: ListenerFilter = { name: 'envoy.filters.listener.proxy_protocol', typedConfig: any('ProxyProtocol', {}) };

export function emitEdgeListener(address: string, port: number, chains: readonly EdgeChain[], settings: MeshSettings): Listener {
  const inspect = chains.some((chain) => chain.names.length > 0 || chain.transportSocket);
  const listenerFilters = [...(settings.proxy.proxyProtocol ? [PROXY_PROTOCOL] : []), ...(inspect ? [TLS_INSPECTOR] : [])];
  return {
    name: listenerName(address, port),
    address: listenerAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...(listenerFilters.length > 0 && { listenerFilters }),
    filterChains: chains.map((chain) => emitChain(chain, settings)),
    ...acceptsAtOnce(settings),
    ...emitBuffer(settings.proxy),
    accessLog: refusedLog(settings),
  };
}

/** The same port over UDP, for HTTP/3. */
export function emitQuicListener(address: string, port: number, chains: readonly EdgeChain[], settings: MeshSettings): Listener {
  return {
    name: quicListenerName(address, port),
    address: { socketAddress: { protocol: SocketAddress_Protocol.UDP, address, portValue: port } },
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: chains.map((chain) => emitChain(chain, settings)),
    ...acceptsAtOnce(settings),
    udpListenerConfig: { quicOptions: {}, downstreamSocketConfig: {} },
    accessLog: refusedLog(settings),
  };
}

export function quicListenerName(address: string, port: number): string {
  return `udp_${listenerName(address, port)}`;
}

function emitChain({ names, protocols, filters, transportSocket }: EdgeChain, settings: MeshSettings): FilterChain {
  const match = { ...(names.length > 0 && { serverNames: names }), ...(protocols && { applicationProtocols: protocols }) };
  return {
    ...(Object.keys(match).length > 0 && { filterChainMatch: match }),
    filters,
    ...handshakeTimeout(settings),
    ...(transportSocket && { transportSocket }),
  };
}

export function edgeHttpFilter(statPrefix: string, routes: string, options: Pick<HttpOptions, 'settings' | 'looksUpHosts' | 'grpcWeb' | 'http3' | 'policies'>): Filter {
  return httpFilter({ statPrefix, routes, side: 'edge', ...options });
}

export interface Termination {
  readonly transportSocket: TransportSocket;
  readonly secrets: readonly SecretRef[];
}

/**
 * What a server needs to terminate TLS; undefined where it cannot.
 *
 * @param mesh what the rooms read of MeshConfig; which Secrets are needed does not depend on it
 */
export function emitTermination(tls: Pick<ServerTls, 'features'>, carries: ServerTlsCarries, mesh = Attachments.NONE): Termination | undefined {
  const [fragment] = ROOMS.flatMap((room) => room.emitter.serverTls?.(tls.features, carries, mesh) ?? []);
  return fragment && { transportSocket: emitSocket(fragment.context, carries), secrets: fragment.secrets };
}

function emitSocket(downstreamTlsContext: DownstreamTlsContext, carries: ServerTlsCarries): TransportSocket {
  return carries === 'http3'
    ? { name: 'envoy.transport_sockets.quic', typedConfig: any('QuicDownstreamTransport', { downstreamTlsContext }) }
    : { name: 'envoy.transport_sockets.tls', typedConfig: any('DownstreamTlsContext', downstreamTlsContext) };
}
