import type { Filter, FilterChain, Listener, ListenerFilter, TransportSocket } from '../../envoy';
import { TrafficDirection, any, duration, uint32 } from '../../envoy';
import { INBOUND_PASSTHROUGH_CLUSTER, inboundCluster } from '../../model/cluster';
import { INBOUND_PORT } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import type { Protocol } from '../../model/protocol';
import { listenerProtocol } from '../../model/protocol';
import { protocolFilters } from './protocol-filter';
import { ANY_ADDRESS, socketAddress } from './address';
import { httpFilter, refusedLog, tcpFilter } from './network-filter';
import { HTTP_INSPECTOR, PLAIN_HTTP, TLS_INSPECTOR, blackHoleChain, listenerName } from './outbound-listener';
import { emitVirtualHost } from './virtual-host';

/** A port on which the application of the pod is called. */
export interface InboundPort {
  /** The port that connections come to: the service's target. */
  readonly target: number;
  readonly protocol: Protocol;
  /** What the operation in traces is called: `reviews.shop.svc.cluster.local:9080`. */
  readonly operation: string;
  /** The address that its filter chains are named after. @default any */
  readonly bind?: string;
  /** TLS of its own ends here. */
  readonly tls?: TransportSocket;
}

const ORIGINAL_DST: ListenerFilter = { name: 'envoy.filters.listener.original_dst', typedConfig: any('OriginalDst', {}) };

/** Takes what comes to the pod. There is no mutual TLS yet, so every chain is one for plain text, or for TLS that is none of ours. */
export function emitVirtualInbound(ports: readonly InboundPort[], settings: MeshSettings): Listener {
  return {
    name: 'virtualInbound',
    address: socketAddress(ANY_ADDRESS, INBOUND_PORT),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [ORIGINAL_DST, ...emitInspectors(ports)],
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    filterChains: [
      blackHoleChain('virtualInbound-blackhole', INBOUND_PORT, settings),
      ...passthroughChains(settings),
      ...ports.flatMap((port) => portChains(port, settings)),
    ],
    accessLog: refusedLog(settings),
  };
}

/** A port at which callers find the proxy without being redirected. */
export function emitBoundInbound(port: InboundPort, settings: MeshSettings): Listener {
  const bind = port.bind ?? ANY_ADDRESS;
  return {
    name: listenerName(bind, port.target),
    address: socketAddress(bind, port.target),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: emitInspectors([port]),
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    filterChains: portChains(port, settings),
    accessLog: refusedLog(settings),
  };
}

/** Servers that speak first would never see an inspector done, so none looks where it is known that the port is TCP. */
function emitInspectors(ports: readonly InboundPort[]): ListenerFilter[] {
  const known = (protocols: readonly string[]) => ports.filter((port) => protocols.includes(listenerProtocol(port.protocol)));
  return [withoutPorts(TLS_INSPECTOR, known(['TCP']).filter((port) => !port.tls)), withoutPorts(HTTP_INSPECTOR, known(['TCP', 'HTTP']))];
}

function withoutPorts(inspector: ListenerFilter, ports: readonly InboundPort[]): ListenerFilter {
  const rules = ports.map((port) => ({ destinationPortRange: { start: port.target, end: port.target + 1 } }));
  const filterDisabled = rules.length > 1 ? { orMatch: { rules } } : rules[0];
  return { ...inspector, ...(filterDisabled && { filterDisabled }) };
}

function passthroughChains(settings: MeshSettings): FilterChain[] {
  const cluster = INBOUND_PASSTHROUGH_CLUSTER;
  const tcp = [tcpFilter({ statPrefix: cluster, target: cluster, settings })];
  return [
    {
      name: 'virtualInbound-catchall-http',
      filterChainMatch: { transportProtocol: 'raw_buffer', applicationProtocols: PLAIN_HTTP },
      filters: [inboundHttp(cluster, { cluster, virtualHost: 'inbound|http|0', operation: ':0', settings })],
    },
    { name: 'virtualInbound', filterChainMatch: { transportProtocol: 'raw_buffer' }, filters: tcp },
    { name: 'virtualInbound', filterChainMatch: { transportProtocol: 'tls' }, filters: tcp },
  ];
}

function portChains(port: InboundPort, settings: MeshSettings): FilterChain[] {
  const name = listenerName(port.bind ?? ANY_ADDRESS, port.target);
  const destinationPort = uint32(port.target);
  const cluster = inboundCluster(port.target);
  const http = [inboundHttp(`inbound_${name}`, {
    cluster, virtualHost: `inbound|http|${port.target}`, operation: port.operation, settings, grpcWeb: port.protocol === 'GRPC-Web',
  })];
  const tcp = protocolFilters(tcpFilter({ statPrefix: cluster, target: cluster, settings }), {
    protocol: port.protocol, switches: settings.switches, statPrefix: cluster, cluster, choosesServers: false,
  });
  if (port.tls) {
    const filters = port.protocol === 'HTTPS' ? http : tcp;
    return [{ name, filterChainMatch: { destinationPort, transportProtocol: 'tls' }, filters, transportSocket: port.tls }];
  }
  switch (listenerProtocol(port.protocol)) {
    case 'HTTP':
      return [{ name, filterChainMatch: { destinationPort, transportProtocol: 'raw_buffer' }, filters: http }];
    case 'Auto':
      return [
        { name, filterChainMatch: { destinationPort, transportProtocol: 'raw_buffer', applicationProtocols: PLAIN_HTTP }, filters: http },
        { name, filterChainMatch: { destinationPort, transportProtocol: 'raw_buffer' }, filters: tcp },
        { name, filterChainMatch: { destinationPort, transportProtocol: 'tls' }, filters: tcp },
      ];
    case 'TCP':
      return [{ name, filterChainMatch: { destinationPort }, filters: tcp }];
    case 'none':
      return [];
  }
}

interface InboundHttpOptions {
  readonly cluster: string;
  readonly virtualHost: string;
  readonly operation: string;
  readonly settings: MeshSettings;
  readonly grpcWeb?: boolean;
}

function inboundHttp(statPrefix: string, { cluster, virtualHost, operation, settings, grpcWeb }: InboundHttpOptions): Filter {
  const route = {
    name: 'default',
    match: { prefix: '/' },
    // The caller's proxy keeps the time.
    route: { cluster, timeout: duration(0), maxStreamDuration: { maxStreamDuration: duration(0), grpcTimeoutHeaderMax: duration(0) } },
    decorator: { operation: `${operation}/*` },
  };
  // The caller counts attempts; here they would all be first ones.
  const { includeRequestAttemptCount: _attempts, ...host } = emitVirtualHost(virtualHost, ['*'], [route]);
  return httpFilter({ statPrefix, routes: { name: cluster, virtualHosts: [host], validateClusters: { value: false } }, side: 'inbound', settings, grpcWeb });
}
