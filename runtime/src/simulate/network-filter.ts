import type { Filter, FilterChain, HttpConnectionManager, HttpFilter, HttpSetFilterState, RouteConfiguration, TcpProxy } from '../envoy';
import { unpack } from '../envoy';
import type { Call, Outcome } from './call';
import type { Inspection } from './inspection';
import { NotModelled } from './modelled';
import { route } from './route';

/** Filters before the last one that only watch. */
const WATCHING: ReadonlySet<string> = new Set(['envoy.filters.network.mongo_proxy']);
/** Filters of requests that change no route. Those that may refuse a request are not among them. */
const HTTP_FILTERS: ReadonlySet<string> = new Set([
  'envoy.filters.http.router', 'envoy.filters.http.fault', 'envoy.filters.http.cors', 'envoy.filters.http.grpc_stats', 'envoy.filters.http.grpc_web',
  'envoy.filters.http.buffer', 'envoy.filters.http.dynamic_forward_proxy',
]);
const SET_STATE = 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config';
const SNI_CLUSTER = 'envoy.filters.network.sni_cluster';
const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const TCP_PROXY = 'envoy.filters.network.tcp_proxy';

export interface Connection {
  readonly call: Call;
  readonly seen: Inspection;
  /** Whether the chain has ended TLS, so that what comes after is plain. */
  readonly terminated: boolean;
  readonly tables: ReadonlyMap<string, RouteConfiguration>;
}

/** What the filters of a chain do with a connection. */
export function runFilters({ filters = [], name }: FilterChain, connection: Connection): Outcome {
  const last = filters.at(-1);
  const strange = filters.slice(0, -1).find((filter) => !WATCHING.has(filter.name ?? '') && filter.name !== SNI_CLUSTER);
  if (!last || strange) {
    throw new NotModelled(strange ? `network filter ${strange.name}` : `filter chain ${name ?? ''} without filters`);
  }
  switch (last.name) {
    case CONNECTION_MANAGER:
      return answerRequest(configOf<HttpConnectionManager>(last), connection);
    case TCP_PROXY: {
      const bySni = filters.some((filter) => filter.name === SNI_CLUSTER);
      return bySni && connection.seen.sni !== undefined ? { cluster: connection.seen.sni } : forwardConnection(configOf<TcpProxy>(last));
    }
    default:
      throw new NotModelled(`network filter ${last.name}`);
  }
}

function configOf<T extends object>({ name, typedConfig }: Filter): T {
  const config = typedConfig && unpack(typedConfig);
  if (!config) {
    throw new NotModelled(`configuration of ${name}`);
  }
  return config as T;
}

function forwardConnection({ cluster, weightedClusters }: TcpProxy): Outcome {
  if (cluster !== undefined) {
    return { cluster };
  }
  const shares = (weightedClusters?.clusters ?? []).map(({ name = '', weight = 0 }) => ({ cluster: name, weight }));
  return { shares };
}

function answerRequest(manager: HttpConnectionManager, { call, terminated, tables }: Connection): Outcome {
  if (call.protocol === 'tcp' || (call.tls !== 'plaintext' && !terminated)) {
    return { error: 'protocol error' };
  }
  const strange = (manager.httpFilters ?? []).find((filter) => !HTTP_FILTERS.has(filter.name ?? '') && !filter.disabled && !isAboutConnections(filter));
  if (strange) {
    throw new NotModelled(`HTTP filter ${strange.name}`);
  }
  const name = manager.rds?.routeConfigName;
  const table = manager.routeConfig ?? tables.get(name ?? '');
  if (!table) {
    throw new NotModelled(`route configuration ${name ?? ''}`, 'the proxy has none of that name, so requests would wait');
  }
  return route(table, manager, call);
}

/** Sets nothing but how the connection to the server is opened. */
function isAboutConnections({ typedConfig }: HttpFilter): boolean {
  if (typedConfig?.typeUrl !== SET_STATE) {
    return false;
  }
  const { onRequestHeaders = [], clearRouteCache } = unpack(typedConfig) as HttpSetFilterState;
  return !clearRouteCache && onRequestHeaders.every(({ objectKey }) => objectKey === 'envoy.network.application_protocols');
}
