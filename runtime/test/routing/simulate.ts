import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Configuration } from '../../src/model/configuration';
import type { Json } from './envoy-json';
import { resourcesOf } from './envoy-json';
import { routeRequest } from './simulate-http';

/** A connection or request as the proxy sees it. */
export interface Call {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'http' | 'http2' | 'tcp';
  readonly tls: 'plaintext' | 'tls' | 'mtls';
  readonly alpn?: string;
  readonly sni?: string;
  readonly path: string;
  readonly hostHeader?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly callMode?: 'inbound' | 'gateway';
}

/** What the proxy does with it, by Istio's names. */
export interface Outcome {
  listener?: string;
  filterChain?: string;
  routeConfig?: string;
  virtualHost?: string;
  route?: string;
  cluster?: string;
  error?: string;
}

/** Follows a call through emitted configuration, as Envoy would. */
export function simulate(configuration: Configuration, call: Call, gateway: boolean): Outcome {
  const listener = findListener([...resourcesOf(configuration, 'listener').values()], call, gateway);
  if (!listener) {
    return { error: 'no listener matched' };
  }
  const outcome: Outcome = { listener: listener.name };
  const chain = findChain(listener, call);
  if (!chain) {
    return { ...outcome, error: 'no filter chains matched' };
  }
  const terminal = chain.filters.at(-1).typedConfig;
  const terminated = chain.transportSocket !== undefined;
  if (terminal['@type'].endsWith('TcpProxy')) {
    return { ...outcome, filterChain: chain.name, cluster: terminal.cluster ?? terminal.weightedClusters.clusters[0].name };
  }
  if (call.protocol === 'tcp' || (call.tls !== 'plaintext' && !terminated)) {
    return { ...outcome, filterChain: chain.name, error: 'protocol error' };
  }
  const table = terminal.routeConfig ?? resourcesOf(configuration, 'route').get(terminal.rds.routeConfigName);
  return { ...outcome, filterChain: chain.name, ...routeRequest(table, call) };
}

function findListener(listeners: readonly Json[], call: Call, gateway: boolean): Json {
  const named = (name: string) => listeners.find((one) => one.name === name);
  if (call.callMode === 'inbound') {
    return named('virtualInbound');
  }
  const bound = (address: string) => listeners.find(({ address: { socketAddress } }) =>
    socketAddress.address === address && socketAddress.portValue === call.port);
  return bound(call.address) ?? bound('0.0.0.0') ?? (gateway ? undefined : named('virtualOutbound'));
}

/**
 * The order of Envoy's chain matching: port, addresses, names, transport, application protocols; at each step the most exact wins and is
 * never taken back (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto).
 */
function findChain(listener: Json, call: Call): Json {
  const seen = inspect(listener, call);
  let chains: Json[] = listener.filterChains ?? [];
  chains = narrow(chains, (match) => match.destinationPort, (port: number) => (port === call.port ? 1 : 0));
  chains = narrow(chains, (match) => match.prefixRanges, (ranges: Json[]) => Math.max(0, ...ranges.map((range) => rangeRank(range, call.address))));
  chains = narrow(chains, (match) => match.serverNames, (names: string[]) => Math.max(0, ...names.map((name) => nameRank(name, seen.sni))));
  chains = narrow(chains, (match) => match.transportProtocol, (protocol: string) => (protocol === seen.transport ? 1 : 0));
  chains = narrow(chains, (match) => match.applicationProtocols, (all: string[]) => (all.includes(seen.application ?? '') ? 1 : 0));
  return chains[0] ?? listener.defaultFilterChain;
}

function narrow<T>(chains: Json[], criterion: (match: Json) => T | undefined, rank: (value: T) => number): Json[] {
  const ranked = chains.map((chain) => {
    const value = criterion(chain.filterChainMatch ?? {});
    return { chain, rank: value === undefined ? -1 : rank(value) };
  });
  const best = Math.max(...ranked.map((one) => one.rank));
  return ranked.filter((one) => (best > 0 ? one.rank === best : one.rank === -1)).map((one) => one.chain);
}

function rangeRank(range: Json, address: string): number {
  const bits = range.prefixLen ?? 0;
  const [ip, network] = [ipaddr.parse(address), ipaddr.parse(range.addressPrefix)];
  return ip.kind() === network.kind() && isIP(address) !== 0 && ip.match(network, bits) ? bits + 1 : 0;
}

function nameRank(name: string, sni: string | undefined): number {
  if (sni === undefined) {
    return 0;
  }
  return name === sni ? 1000 : name.startsWith('*') && sni.endsWith(name.slice(1)) ? name.length : 0;
}

/** What listener filters find out before a chain is chosen. */
function inspect(listener: Json, call: Call): { transport: string; application?: string; sni?: string } {
  const active = (name: string) => (listener.listenerFilters ?? []).some((filter: Json) =>
    filter.name.endsWith(name) && !disabled(filter.filterDisabled, call.port));
  if (call.tls !== 'plaintext') {
    return active('tls_inspector') ? { transport: 'tls', application: call.alpn, sni: call.sni } : { transport: 'raw_buffer' };
  }
  const http = { http: 'http/1.1', http2: 'h2c', tcp: undefined }[call.protocol];
  return { transport: 'raw_buffer', application: active('http_inspector') ? http : undefined };
}

function disabled(predicate: Json, port: number): boolean {
  if (!predicate) {
    return false;
  }
  const range = predicate.destinationPortRange;
  return range ? port >= range.start && port < range.end : predicate.orMatch.rules.some((rule: Json) => disabled(rule, port));
}
