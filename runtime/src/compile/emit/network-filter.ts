import type { AccessLog, Filter, HttpConnectionManager, HttpFilter, RouteConfiguration, TcpProxy } from '../../envoy';
import {
  HttpConnectionManager_CodecType, HttpConnectionManager_PathWithEscapedSlashesAction, any, bool, duration,
} from '../../envoy';
import { ROOMS } from '../../features';
import { merge } from '../../features/fragment';
import type { Attachments } from '../../model/attachment';
import type { MeshSettings } from '../../model/mesh';
import type { AppliedPolicies } from '../../model/workload-policy';
import { NO_POLICIES } from '../../model/workload-policy';
import type { GuardContext } from '../../features/emitter';
import { emitConnections } from './connection-settings';
import { emitHostLookup } from './dynamic-dns';
import { emitManners, emitTrust } from './http-trust';
import { ADS } from './proxy-class';

export interface HttpOptions {
  readonly statPrefix: string;
  /** A route table that is asked for by name, or one that stands in the listener. */
  readonly routes: string | RouteConfiguration;
  readonly side: 'outbound' | 'inbound' | 'edge';
  readonly settings: MeshSettings;
  /** Those of the workload that receives the requests. @default none */
  readonly policies?: AppliedPolicies;
  /** Some routes lead to hosts that the proxy looks up itself. */
  readonly looksUpHosts?: boolean;
  /** Some service speaks gRPC with browsers. */
  readonly grpcWeb?: boolean;
  /** Over QUIC. */
  readonly http3?: boolean;
}

export function httpFilter(options: HttpOptions): Filter {
  const { side, settings, policies = NO_POLICIES, grpcWeb = false } = options;
  const context = { side, settings, policies, grpcWeb };
  const manager: HttpConnectionManager = {
    statPrefix: options.statPrefix,
    ...(typeof options.routes === 'string' ? { rds: { configSource: ADS, routeConfigName: options.routes } } : { routeConfig: options.routes }),
    httpFilters: [
      ...ROOMS.flatMap(({ emitter }) => emitter.httpFilter ?? emitter.httpFilters?.(context) ?? []),
      ...(options.looksUpHosts ? [emitHostLookup(options.settings)] : []),
      emitRouter(options.settings),
    ],
    ...emitNormalization(options.settings),
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    ...emitConnections(options.settings.proxy, side),
    proxy100Continue: true,
    accessLog: requestLog(options.settings),
    ...emitTrust(options.side, options.settings),
    ...emitManners(options.settings),
    ...(options.http3 && { codecType: HttpConnectionManager_CodecType.HTTP3, http3ProtocolOptions: {} }),
  };
  return { name: 'envoy.filters.network.http_connection_manager', typedConfig: any('HttpConnectionManager', manager) };
}

function emitNormalization({ pathNormalization: to }: MeshSettings): HttpConnectionManager {
  const { KEEP_UNCHANGED, UNESCAPE_AND_FORWARD } = HttpConnectionManager_PathWithEscapedSlashesAction;
  return {
    normalizePath: bool(to !== 'NONE'),
    pathWithEscapedSlashesAction: to === 'DECODE_AND_MERGE_SLASHES' ? UNESCAPE_AND_FORWARD : KEEP_UNCHANGED,
    ...((to === 'MERGE_SLASHES' || to === 'DECODE_AND_MERGE_SLASHES') && { mergeSlashes: true }),
  };
}

function emitRouter({ proxy: { debugHeaders } }: MeshSettings): HttpFilter {
  return { name: 'envoy.filters.http.router', typedConfig: any('Router', debugHeaders ? {} : { suppressEnvoyHeaders: true }) };
}

/** What connections pass that are not HTTP, before they are forwarded. */
export function connectionGuards(context: GuardContext): Filter[] {
  return ROOMS.flatMap(({ emitter }) => emitter.connectionFilters?.(context) ?? []);
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
    quiet ? {} : { ...emitIdleTimeout(settings), accessLog: requestLog(settings) },
    ...(policy ? ROOMS.flatMap((room) => room.emitter.connection?.(policy) ?? []) : []),
  );
  return { name: 'envoy.filters.network.tcp_proxy', typedConfig: any('TcpProxy', proxy) };
}

/** What the proxy's own settings say of requests holds for connections too; a policy of the destination goes before it. */
function emitIdleTimeout({ proxy: { idleTimeout } }: MeshSettings): TcpProxy {
  return idleTimeout === undefined ? {} : { idleTimeout: duration(idleTimeout) };
}

function requestLog(settings: MeshSettings): AccessLog[] {
  return ROOMS.flatMap((room) => room.emitter.accessLog?.(settings, 'requests') ?? []);
}

/** The log of a listener itself, for connections that none of its chains wants. */
export function refusedLog(settings: MeshSettings): AccessLog[] {
  return ROOMS.flatMap((room) => room.emitter.accessLog?.(settings, 'refused') ?? []);
}
