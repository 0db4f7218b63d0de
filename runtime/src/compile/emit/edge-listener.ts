import type { Filter, FilterChain, Listener, TransportSocket } from '../../envoy';
import { TrafficDirection, any, duration } from '../../envoy';
import type { SecretRef } from '../../features/emitter';
import { ROOMS } from '../../features';
import type { ServerTls } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import { socketAddress } from './address';
import type { HttpOptions } from './network-filter';
import { httpFilter, refusedLog } from './network-filter';
import { TLS_INSPECTOR, listenerName } from './outbound-listener';

/** One filter chain of a gateway's listener. */
export interface EdgeChain {
  readonly names: readonly string[];
  readonly filters: readonly Filter[];
  readonly transportSocket?: TransportSocket;
}

export function emitEdgeListener(address: string, port: number, chains: readonly EdgeChain[], settings: MeshSettings): Listener {
  const inspect = chains.some((chain) => chain.names.length > 0 || chain.transportSocket);
  return {
    name: listenerName(address, port),
    address: socketAddress(address, port),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...(inspect && { listenerFilters: [TLS_INSPECTOR] }),
    listenerFiltersTimeout: duration(0),
    filterChains: chains.map(emitChain),
    accessLog: refusedLog(settings),
  };
}

function emitChain({ names, filters, transportSocket }: EdgeChain): FilterChain {
  return {
    ...(names.length > 0 && { filterChainMatch: { serverNames: names } }),
    filters,
    ...(transportSocket && { transportSocket }),
  };
}

export function edgeHttpFilter(statPrefix: string, routes: string, options: Pick<HttpOptions, 'settings' | 'looksUpHosts' | 'grpcWeb'>): Filter {
  return httpFilter({ statPrefix, routes, side: 'edge', ...options });
}

export interface Termination {
  readonly transportSocket: TransportSocket;
  readonly secrets: readonly SecretRef[];
}

/** What a server needs to terminate TLS. */
export function emitTermination(tls: Pick<ServerTls, 'features'>, http: boolean): Termination | undefined {
  const [fragment] = ROOMS.flatMap((room) => room.emitter.serverTls?.(tls.features, http) ?? []);
  return fragment && {
    transportSocket: { name: 'envoy.transport_sockets.tls', typedConfig: any('DownstreamTlsContext', fragment.context) },
    secrets: fragment.secrets,
  };
}
