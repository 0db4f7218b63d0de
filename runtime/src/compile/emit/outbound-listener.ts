import type { Filter, FilterChain, FilterChainMatch, Listener, ListenerFilter } from '../../envoy';
import { TrafficDirection, any, bool, duration, uint32 } from '../../envoy';
import { BLACK_HOLE_CLUSTER, DYNAMIC_DNS_CLUSTER } from '../../model/cluster';
import { OUTBOUND_PORT } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import type { Switches } from '../../model/switches';
import { ANY_ADDRESS, cidrRange, listenerAddress, socketAddress } from './address';
import type { Chain } from './connection-routes';
import { SNI_LOOKUP } from './dynamic-dns';
import { emitHiddenTrust } from './http-trust';
import { httpFilter, refusedLog, tcpFilter } from './network-filter';
import { emitCatchAll, emitRouteConfiguration } from './virtual-host';

export const TLS_INSPECTOR: ListenerFilter = { name: 'envoy.filters.listener.tls_inspector', typedConfig: any('TlsInspector', {}) };
export const HTTP_INSPECTOR: ListenerFilter = { name: 'envoy.filters.listener.http_inspector', typedConfig: any('HttpInspector', {}) };

/** What the HTTP inspector says of plain HTTP. */
export const PLAIN_HTTP = ['http/1.1', 'h2c'];
const OLD_HTTP = ['http/1.0', ...PLAIN_HTTP];

/** HTTP/1.0 could only be refused where it is not switched on, so there it passes as bytes (pilot/pkg/networking/core/listener.go of Istio). */
export function plainHttp({ http10 }: Switches): string[] {
  return http10 ? OLD_HTTP : PLAIN_HTTP;
}

/** So that connections spread over Envoy's threads instead of going to the first one that looks. */
export function acceptsAtOnce({ switches: { acceptAtOnce } }: MeshSettings): Listener {
  return acceptAtOnce > 0 ? { maxConnectionsToAcceptPerSocketEvent: uint32(acceptAtOnce) } : {};
}

/** A client that begins TLS and does not go on is not waited for. Istio says so of every chain but those that are for what came to a pod. */
export function handshakeTimeout({ switches: { handshakeTimeout: limit } }: MeshSettings): FilterChain {
  return limit > 0 ? { transportSocketConnectTimeout: duration(limit) } : {};
}

export interface OutboundListenerOptions {
  readonly settings: MeshSettings;
  /** Where connections go that no chain wants. */
  readonly fallback: string;
  readonly bindToPort?: boolean;
}

export function listenerName(address: string, port: number): string {
  return `${address}_${port}`;
}

export function emitOutboundListener(address: string, port: number, chains: readonly Chain[], options: OutboundListenerOptions): Listener {
  const matching = chains.filter((chain) => !isMatchAll(chain));
  const everything = chains.find(isMatchAll);
  return {
    name: listenerName(address, port),
    address: listenerAddress(address, port),
    ...(options.bindToPort ? acceptsAtOnce(options.settings) : { bindToPort: bool(false) }),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...emitInspectors(chains, options.settings),
    ...emitChains(matching, everything, options),
    continueOnListenerFiltersTimeout: true,
    accessLog: refusedLog(options.settings),
  };
}

function isMatchAll(chain: Chain): boolean {
  return !chain.http && snis(chain).length === 0 && chain.cidrs.length === 0;
}

function snis(chain: Chain): string[] {
  return chain.sniHosts.filter((host) => host !== '*');
}

/** A chain that takes everything must be the default: one that matches half-way would otherwise drop connections (istio/istio#26079). */
function emitChains(matching: readonly Chain[], everything: Chain | undefined, options: OutboundListenerOptions): Listener {
  const { settings } = options;
  const rest = everything && { filters: everything.filters, ...handshakeTimeout(settings) };
  if (rest && matching.length === 0) {
    return { filterChains: [rest] };
  }
  return {
    filterChains: matching.map((chain) => ({ filterChainMatch: matchOf(chain, settings), filters: chain.filters, ...handshakeTimeout(settings) })),
    defaultFilterChain: rest
      ?? { name: 'PassthroughFilterChain', filters: [fallbackFilter(options.fallback, options.settings)] },
  };
}

function matchOf(chain: Chain, { switches }: MeshSettings): FilterChainMatch {
  const serverNames = snis(chain);
  const prefixRanges = chain.cidrs.flatMap((cidr) => cidrRange(cidr) ?? []);
  return {
    ...(prefixRanges.length > 0 && { prefixRanges }),
    ...(serverNames.length > 0 && { serverNames }),
    ...(chain.http && { transportProtocol: 'raw_buffer', applicationProtocols: plainHttp(switches) }),
  };
}

function emitInspectors(chains: readonly Chain[], settings: MeshSettings): Listener {
  const http = chains.some((chain) => chain.http);
  const tls = chains.some((chain) => snis(chain).length > 0 || chain.filters.some(({ name }) => name === SNI_LOOKUP));
  const listenerFilters = [...(tls ? [TLS_INSPECTOR] : []), ...(http ? [HTTP_INSPECTOR] : [])];
  return {
    ...(listenerFilters.length > 0 && { listenerFilters }),
    // A server that speaks first would keep a waiting inspector waiting for ever; a time-out is only for those who ask for one.
    listenerFiltersTimeout: duration(http ? settings.protocolDetectionTimeout : 0),
  };
}

function fallbackFilter(cluster: string, settings: MeshSettings): Filter {
  return tcpFilter({ statPrefix: cluster, target: cluster, settings });
}

/**
 * Takes what capture redirects, and hands it to the listener of the address that the connection wanted. Where hosts that nobody knows are looked
 * up, that holds for requests to ports that nobody knows too (buildAllowAnyDynamicDNSHTTPFilterChain of pilot/pkg/networking/core/listener_builder.go);
 * a server that speaks first is heard there when Envoy has waited long enough for the client.
 */
export function emitVirtualOutbound({ settings, fallback, looksUp }: OutboundListenerOptions & { readonly looksUp: boolean }): Listener {
  return {
    name: 'virtualOutbound',
    address: socketAddress(ANY_ADDRESS, OUTBOUND_PORT),
    useOriginalDst: bool(true),
    trafficDirection: TrafficDirection.OUTBOUND,
    ...acceptsAtOnce(settings),
    ...(looksUp && { listenerFilters: [HTTP_INSPECTOR], continueOnListenerFiltersTimeout: true }),
    filterChains: [
      blackHoleChain('virtualOutbound-blackhole', OUTBOUND_PORT, settings),
      ...(looksUp ? [emitLookUpChain(settings)] : []),
      { name: 'virtualOutbound-catchall-tcp', filters: [fallbackFilter(fallback, settings)] },
    ],
    accessLog: refusedLog(settings),
  };
}

function emitLookUpChain(settings: MeshSettings): FilterChain {
  const name = 'allow_any_dynamic_dns';
  const routes = { ...emitRouteConfiguration(name), ...emitHiddenTrust(settings), virtualHosts: [emitCatchAll(DYNAMIC_DNS_CLUSTER, settings.proxy)] };
  return {
    name: 'virtualOutbound-catchall-tcp-http',
    filterChainMatch: { applicationProtocols: plainHttp(settings.switches) },
    filters: [httpFilter({ statPrefix: `outbound_virtualOutbound_${name}`, routes, side: 'outbound', settings, looksUpHosts: true })],
  };
}

/** Connections to the proxy's own port would go round in circles. */
export function blackHoleChain(name: string, port: number, settings: MeshSettings): FilterChain {
  return {
    name,
    filterChainMatch: { destinationPort: uint32(port) },
    filters: [tcpFilter({ statPrefix: BLACK_HOLE_CLUSTER, target: BLACK_HOLE_CLUSTER, settings, quiet: true })],
  };
}
