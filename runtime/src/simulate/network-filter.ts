import type { Filter, FilterChain, HttpConnectionManager, NetworkExtAuthz, NetworkRBAC, RouteConfiguration, TcpProxy } from '../envoy';
import { configOf } from './unpack';
import type { Call, Decision, Outcome } from './call';
import type { Metadata } from './metadata';
import { guardAccess, guardByQuestion, visitorOf } from './guard';
import { passFilters } from './http-filter';
import type { Inspection } from './inspection';
import { NotModelled } from './modelled';
import { requestOf } from './request';
import { route } from './route';

/** Filters before the last one that only watch. */
const WATCHING: ReadonlySet<string> = new Set(['envoy.filters.network.mongo_proxy']);
const SNI_CLUSTER = 'envoy.filters.network.sni_cluster';
const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const TCP_PROXY = 'envoy.filters.network.tcp_proxy';
const RBAC = 'envoy.filters.network.rbac';
const QUESTIONS = 'envoy.filters.network.ext_authz';

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
  if (!last) {
    throw new NotModelled(`filter chain ${name ?? ''} without filters`);
  }
  const guards = passGuards(filters.slice(0, -1), connection);
  const { decisions: later = [], ...outcome }: Outcome = guards.every((one) => one.allowed) ? runLast(last, filters, connection) : { error: 'access denied' };
  const decisions = [...guards, ...later];
  return { ...outcome, ...(decisions.length > 0 && { decisions }) };
}

/** What those before the last one decide about a connection, until one refuses it. */
function passGuards(filters: readonly Filter[], { call, terminated }: Connection): Decision[] {
  const decisions: Decision[] = [];
  let metadata: Metadata = {};
  for (const filter of filters) {
    const { name = '' } = filter;
    if (name === RBAC) {
      const guarded = guardAccess(name, configOf<NetworkRBAC>(filter), visitorOf(call, { terminated, metadata }), metadata);
      decisions.push(guarded.decision);
      metadata = guarded.metadata;
    } else if (name === QUESTIONS) {
      const decision = guardByQuestion(name, configOf<NetworkExtAuthz>(filter), metadata, call);
      decisions.push(...decision ? [decision] : []);
    } else if (!WATCHING.has(name) && name !== SNI_CLUSTER) {
      throw new NotModelled(`network filter ${name}`);
    }
    if (decisions.at(-1)?.allowed === false) {
      break;
    }
  }
  return decisions;
}

function runLast(last: Filter, filters: readonly Filter[], connection: Connection): Outcome {
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
  const name = manager.rds?.routeConfigName;
  const table = manager.routeConfig ?? tables.get(name ?? '');
  if (!table) {
    throw new NotModelled(`route configuration ${name ?? ''}`, 'the proxy has none of that name, so requests would wait');
  }
  const request = requestOf(call, manager);
  const { decisions, refusal, metadata } = passFilters(manager.httpFilters ?? [], call, request, terminated);
  const routed = route(table, { request, call, metadata });
  if (refusal === undefined) {
    return { ...routed, decisions };
  }
  const { cluster: _cluster, shares: _shares, error: _error, ...reached } = routed;
  return { ...reached, decisions, answer: { status: refusal } };
}
