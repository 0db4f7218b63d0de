import type { Filter, FilterChain, Listener, ListenerFilter, TransportSocket } from '../../envoy';
import { TrafficDirection, any, duration, uint32 } from '../../envoy';
import { INBOUND_PASSTHROUGH_CLUSTER, inboundCluster } from '../../model/cluster';
import { INBOUND_PORT } from '../../model/listener';
import type { MeshSettings } from '../../model/mesh';
import type { Protocol } from '../../model/protocol';
import { listenerProtocol } from '../../model/protocol';
import type { AppliedPolicies } from '../../model/workload-policy';
import { protocolFilters } from './protocol-filter';
import { ANY_ADDRESS, socketAddress } from './address';
import { connectionGuards, httpFilter, refusedLog, tcpFilter } from './network-filter';
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

/** What holds for all ports of a workload. */
export interface InboundContext {
  readonly settings: MeshSettings;
  readonly policies: AppliedPolicies;
}

const ORIGINAL_DST: ListenerFilter = { name: 'envoy.filters.listener.original_dst', typedConfig: any('OriginalDst', {}) };

/** Takes what comes to the pod. There is no mutual TLS yet, so every chain is one for plain text, or for TLS that is none of ours. */
export function emitVirtualInbound(ports: readonly InboundPort[], context: InboundContext): Listener {
  const { settings } = context;
  return {
    name: 'virtualInbound',
    address: socketAddress(ANY_ADDRESS, INBOUND_PORT),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [ORIGINAL_DST, ...emitInspectors(ports)],
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    filterChains: [
      blackHoleChain('virtualInbound-blackhole', INBOUND_PORT, settings),
      ...passthroughChains(context),
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
    listenerFilters: emitInspectors([port]),
    listenerFiltersTimeout: duration(settings.protocolDetectionTimeout),
    continueOnListenerFiltersTimeout: true,
    filterChains: portChains(port, context),
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

function passthroughChains({ settings, policies }: InboundContext): FilterChain[] {
  const cluster = INBOUND_PASSTHROUGH_CLUSTER;
  const tcp = [...connectionGuards({ side: 'inbound', settings, policies }), tcpFilter({ statPrefix: cluster, target: cluster, settings })];
  return [
    {
      name: 'virtualInbound-catchall-http',
      filterChainMatch: { transportProtocol: 'raw_buffer', applicationProtocols: PLAIN_HTTP },
      filters: [inboundHttp(cluster, { cluster, virtualHost: 'inbound|http|0', operation: ':0', settings, policies })],
    },
    { name: 'virtualInbound', filterChainMatch: { transportProtocol: 'raw_buffer' }, filters: tcp },
    { name: 'virtualInbound', filterChainMatch: { transportProtocol: 'tls' }, filters: tcp },
  ];
}

function portChains(port: InboundPort, { settings, policies }: InboundContext): FilterChain[] {
  const name = listenerName(port.bind ?? ANY_ADDRESS, port.target);
  const destinationPort = uint32(port.target);
  const cluster = inboundCluster(port.target);
  const http = [inboundHttp(`inbound_${name}`, {
    cluster, virtualHost: `inbound|http|${port.target}`, operation: port.operation, settings, policies, grpcWeb: port.protocol === 'GRPC-Web',
  })];
  const forward = protocolFilters(tcpFilter({ statPrefix: cluster, target: cluster, settings }), {
    protocol: port.protocol, switches: settings.switches, statPrefix: cluster, cluster, choosesServers: false,
  });
  const tcp = [...connectionGuards({ side: 'inbound', settings, policies }), ...forward];
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

interface InboundHttpOptions extends InboundContext {
  readonly cluster: string;
  readonly virtualHost: string;
  readonly operation: string;
  readonly grpcWeb?: boolean;
}

function inboundHttp(statPrefix: string, { cluster, virtualHost, operation, settings, policies, grpcWeb }: InboundHttpOptions): Filter {
  const route = {
    name: 'default',
    match: { prefix: '/' },
    // The caller's proxy keeps the time.
    route: { cluster, timeout: duration(0), maxStreamDuration: { maxStreamDuration: duration(0), grpcTimeoutHeaderMax: duration(0) } },
    decorator: { operation: `${operation}/*` },
  };
  // The caller counts attempts; here they would all be first ones.
  const { includeRequestAttemptCount: _attempts, ...host } = emitVirtualHost(virtualHost, ['*'], [route]);
  const routes = { name: cluster, virtualHosts: [host], validateClusters: { value: false } };
  return httpFilter({ statPrefix, routes, side: 'inbound', settings, policies, grpcWeb });
}
