import type { AccessLog, Filter, HttpConnectionManager, HttpFilter, RouteConfiguration, TcpProxy } from '../../envoy';
import {
  HttpConnectionManager_ForwardClientCertDetails as ClientCertificates, HttpConnectionManager_PathWithEscapedSlashesAction, any, bool, duration, uint32,
} from '../../envoy';
import { ROOMS } from '../../features';
import { merge } from '../../features/fragment';
import type { Attachments } from '../../model/attachment';
import type { MeshSettings } from '../../model/mesh';
import { emitHostLookup } from './dynamic-dns';
import { ADS } from './proxy-class';

export interface HttpOptions {
  readonly statPrefix: string;
  /** A route table that is asked for by name, or one that stands in the listener. */
  readonly routes: string | RouteConfiguration;
  readonly side: 'outbound' | 'inbound' | 'edge';
  readonly settings: MeshSettings;
  /** Some routes lead to hosts that the proxy looks up itself. */
  readonly looksUpHosts?: boolean;
  /** Some service speaks gRPC with browsers. */
  readonly grpcWeb?: boolean;
}

const ROUTER: HttpFilter = { name: 'envoy.filters.http.router', typedConfig: any('Router', {}) };

/** Addresses of networks that are nobody's outside; RFC 1918, RFC 4193 and loopback. */
const PRIVATE = [['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['127.0.0.0', 8], ['::1', 128], ['fd00::', 8]] as const;

export function httpFilter(options: HttpOptions): Filter {
  const context = { grpcWeb: options.grpcWeb ?? false };
  const manager: HttpConnectionManager = {
    statPrefix: options.statPrefix,
    ...(typeof options.routes === 'string' ? { rds: { configSource: ADS, routeConfigName: options.routes } } : { routeConfig: options.routes }),
    httpFilters: [
      ...ROOMS.flatMap(({ emitter }) => emitter.httpFilter ?? emitter.httpFilters?.(context) ?? []),
      ...(options.looksUpHosts ? [emitHostLookup(options.settings)] : []),
      ROUTER,
    ],
    normalizePath: bool(true),
    pathWithEscapedSlashesAction: HttpConnectionManager_PathWithEscapedSlashesAction.KEEP_UNCHANGED,
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    streamIdleTimeout: duration(0),
    proxy100Continue: true,
    ...(options.settings.switches.http10 && { httpProtocolOptions: { acceptHttp10: true } }),
    accessLog: requestLog(options.settings),
    ...emitTrust(options.side),
  };
  return { name: 'envoy.filters.network.http_connection_manager', typedConfig: any('HttpConnectionManager', manager) };
}

/** Whose headers count. An application's own `x-envoy-*` headers do, those of the outside do not. */
function emitTrust(side: HttpOptions['side']): HttpConnectionManager {
  const details = { subject: bool(true), dns: true, uri: true };
  switch (side) {
    case 'outbound':
      return {
        useRemoteAddress: bool(true),
        internalAddressConfig: { cidrRanges: PRIVATE.map(([addressPrefix, bits]) => ({ addressPrefix, prefixLen: uint32(bits) })) },
      };
    case 'inbound':
      return {
        useRemoteAddress: bool(false),
        serverName: 'istio-envoy',
        forwardClientCertDetails: ClientCertificates.APPEND_FORWARD,
        setCurrentClientCertDetails: details,
      };
    case 'edge':
      return {
        useRemoteAddress: bool(true),
        serverName: 'istio-envoy',
        forwardClientCertDetails: ClientCertificates.SANITIZE_SET,
        setCurrentClientCertDetails: { ...details, cert: true },
      };
  }
}

/** A cluster's name, or several with their weights. */
export type TcpTarget = string | readonly { readonly name: string; readonly weight: number }[];

export interface TcpOptions {
  readonly statPrefix: string;
  readonly target: TcpTarget;
  readonly settings: MeshSettings;
  /** The policy of the destination, where there is one. */
  readonly policy?: Attachments;
  /** Connections that are refused on purpose are not worth a line each. */
  readonly quiet?: boolean;
}

export function tcpFilter({ statPrefix, target, settings, policy, quiet }: TcpOptions): Filter {
  const proxy = merge<TcpProxy>(
    { statPrefix, ...(typeof target === 'string' ? { cluster: target } : { weightedClusters: { clusters: target } }) },
    quiet ? {} : { accessLog: requestLog(settings) },
    ...(policy ? ROOMS.flatMap((room) => room.emitter.connection?.(policy) ?? []) : []),
  );
  return { name: 'envoy.filters.network.tcp_proxy', typedConfig: any('TcpProxy', proxy) };
}

function requestLog(settings: MeshSettings): AccessLog[] {
  return ROOMS.flatMap((room) => room.emitter.accessLog?.(settings, 'requests') ?? []);
}

/** The log of a listener itself, for connections that none of its chains wants. */
export function refusedLog(settings: MeshSettings): AccessLog[] {
  return ROOMS.flatMap((room) => room.emitter.accessLog?.(settings, 'refused') ?? []);
}
