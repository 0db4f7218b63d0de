import type { Filter } from '../../envoy';
import { Attachments } from '../../model/attachment';
import type { Caller } from '../../model/match';
import type { MeshSettings } from '../../model/mesh';
import type { ResourceRef } from '../../model/problem';
import type { Protocol } from '../../model/protocol';
import { isTls } from '../../model/protocol';
import type { TcpRule, TlsRule, VirtualService, WeightedDestination } from '../../model/route';
import { connectionCallerMatches } from '../../model/route';
import type { Service, ServicePort } from '../../model/service';
import { emitSniLookup } from './dynamic-dns';
import { tcpFilter } from './network-filter';
import { protocolFilters } from './protocol-filter';
import type { Targets } from './route';

/** One filter chain to be: which connections, and what becomes of them. */
export interface Chain {
  readonly sniHosts: readonly string[];
  readonly cidrs: readonly string[];
  readonly filters: readonly Filter[];
  /** Plain HTTP, told apart by the first bytes. */
  readonly http?: boolean;
}

export interface ConnectionOptions {
  readonly caller: Caller;
  readonly targets: Targets;
  readonly settings: MeshSettings;
  /** The range of the service's addresses, where it has one instead of an address. */
  readonly cidrs: readonly string[];
  /** What is spoken, where it is known. */
  readonly protocol?: Protocol;
  /** The service's own addresses are not where its connections go. @default true */
  readonly choosesServers?: boolean;
}

/** What becomes of connections to a port of a service that is not HTTP. */
export function emitConnectionChains(
  service: Service, port: ServicePort, rules: readonly VirtualService[], options: ConnectionOptions & { readonly sniHosts: readonly string[] },
): Chain[] {
  const chains = isTls(port.protocol) ? tlsChains(rules, options) : tcpChains(rules, options);
  if (chains.complete) {
    return chains.list;
  }
  const destination = { host: service.host, subset: '', port: port.number };
  const fallback: Chain = {
    sniHosts: isTls(port.protocol) ? options.sniHosts : [],
    cidrs: options.cidrs,
    filters: connectionFilters([{ destination, weight: 100, features: Attachments.NONE, path: '' }], options),
  };
  return [...chains.list, fallback];
}

interface Chains {
  readonly list: Chain[];
  /** Nothing is left for the service itself. */
  readonly complete: boolean;
}

function tlsChains(rules: readonly VirtualService[], options: ConnectionOptions): Chains {
  const list: Chain[] = [];
  const seen = new Set<string>();
  for (const [rule, { resource }] of rules.flatMap((one) => one.tls.map((rule): [TlsRule, VirtualService] => [rule, one]))) {
    for (const match of rule.destinations.length > 0 ? rule.matches : []) {
      const key = `${match.sniHosts.join()}|${match.destinationSubnets.join()}`;
      if (connectionCallerMatches(match, options.caller) && !seen.has(key)) {
        seen.add(key);
        list.push({
          sniHosts: match.sniHosts,
          cidrs: match.destinationSubnets.length > 0 ? match.destinationSubnets : options.cidrs,
          filters: connectionFilters(rule.destinations, options, resource),
        });
      }
    }
  }
  return { list, complete: list.length > 0 };
}

function tcpChains(rules: readonly VirtualService[], options: ConnectionOptions): Chains {
  const list: Chain[] = [];
  for (const [rule, { resource }] of rules.flatMap((one) => one.tcp.map((rule): [TcpRule, VirtualService] => [rule, one]))) {
    const matches = rule.matches.filter((match) => connectionCallerMatches(match, options.caller));
    if (rule.destinations.length === 0 || (rule.matches.length > 0 && matches.length === 0)) {
      continue;
    }
    const filters = connectionFilters(rule.destinations, options, resource);
    if (matches.length === 0 || matches.some((match) => match.destinationSubnets.length === 0)) {
      return { list: [...list, { sniHosts: [], cidrs: options.cidrs, filters }], complete: true };
    }
    list.push({ sniHosts: [], cidrs: matches.flatMap((match) => match.destinationSubnets), filters });
  }
  return { list, complete: false };
}

/**
 * Forwards connections to one destination, or to several by weight.
 *
 * @param rule what says so: statistics of several destinations bear its name, as in Istio, those of one bear the cluster's
 */
export function connectionFilters(destinations: readonly WeightedDestination[], options: Omit<ConnectionOptions, 'cidrs'>, rule?: ResourceRef): Filter[] {
  const { targets, settings, caller, protocol, choosesServers = true } = options;
  const clusters = destinations.map((one) => ({ name: targets.clusterOf(one.destination, caller.port), weight: one.weight }));
  const lookUpPort = destinations.map((one) => targets.lookUpPort(one.destination, caller.port)).find((port) => port !== undefined);
  const statPrefix = rule && clusters.length > 1 ? `${rule.name}.${rule.namespace}` : clusters[0].name;
  const forward = tcpFilter({
    statPrefix,
    target: clusters.length === 1 ? clusters[0].name : clusters,
    settings,
    policy: targets.settingsOf(destinations[0].destination, caller.port),
  });
  if (lookUpPort !== undefined) {
    return [emitSniLookup(lookUpPort, settings), forward];
  }
  return protocolFilters(forward, { protocol, switches: settings.switches, statPrefix, cluster: clusters[0].name, choosesServers });
}
