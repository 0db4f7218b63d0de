import ipaddr from 'ipaddr.js';
import type { CidrRange, FilterChain, FilterChainMatch, Listener } from '../envoy';
import { FilterChainMatch_ConnectionSourceType as SourceType } from '../envoy';
import type { Call } from './call';
import type { Inspection } from './inspection';
import { modelled, NotModelled } from './modelled';

/** How well one criterion of a chain suits: undefined where the chain does not ask, 0 where it does not suit, more where it suits better. */
type Rank = (match: FilterChainMatch) => number | undefined;

/**
 * The chains that Envoy may choose from, which should be one. Criteria are looked at in a fixed order; at each the best are kept and a choice
 * is never taken back (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch).
 */
export function findChains(listener: Listener, call: Call, seen: Inspection): readonly FilterChain[] {
  const ranks = ranksFor(call, seen);
  let chains = (listener.filterChains ?? []).map(checked);
  for (const rank of ranks) {
    chains = best(chains, rank);
  }
  return chains.length === 0 && listener.defaultFilterChain ? [listener.defaultFilterChain] : chains;
}

function checked(chain: FilterChain): FilterChain {
  modelled(chain.filterChainMatch ?? {}, `match of filter chain ${chain.name ?? ''}`, {
    decides: [
      'destinationPort', 'prefixRanges', 'serverNames', 'transportProtocol', 'applicationProtocols', 'directSourcePrefixRanges', 'sourceType',
      'sourcePrefixRanges', 'sourcePorts',
    ],
  });
  return chain;
}

function ranksFor(call: Call, seen: Inspection): readonly Rank[] {
  return [
    ({ destinationPort }) => destinationPort && Number(destinationPort.value === call.port),
    ({ prefixRanges }) => prefixRanges && rangeRank(prefixRanges, call.address),
    ({ serverNames }) => serverNames && Math.max(0, ...serverNames.map((name) => nameRank(name.toLowerCase(), seen.sni))),
    ({ transportProtocol }) => (transportProtocol === undefined ? undefined : Number(transportProtocol === seen.transport)),
    ({ applicationProtocols }) => applicationProtocols && Number(seen.application !== undefined && applicationProtocols.includes(seen.application)),
    ({ directSourcePrefixRanges }) => directSourcePrefixRanges && rangeRank(directSourcePrefixRanges, sourceOf(call).address),
    ({ sourceType }) => (sourceType === undefined || sourceType === SourceType.ANY ? undefined : sourceTypeRank(sourceType, call)),
    ({ sourcePrefixRanges }) => sourcePrefixRanges && rangeRank(sourcePrefixRanges, sourceOf(call).address),
    ({ sourcePorts }) => sourcePorts && Number(sourcePorts.includes(sourceOf(call).port ?? 0)),
  ];
}

function best(chains: readonly FilterChain[], rank: Rank): FilterChain[] {
  const ranked = chains.map((chain) => ({ chain, rank: rank(chain.filterChainMatch ?? {}) }));
  const top = Math.max(0, ...ranked.map((one) => one.rank ?? 0));
  return ranked.filter((one) => (top > 0 ? one.rank === top : one.rank === undefined)).map((one) => one.chain);
}

/** Longer prefixes suit better. */
function rangeRank(ranges: readonly CidrRange[], address: string): number {
  const ip = ipaddr.process(address);
  return Math.max(0, ...ranges.map(({ addressPrefix = '', prefixLen }) => {
    const network = ipaddr.process(addressPrefix);
    const bits = prefixLen?.value ?? 0;
    return network.kind() === ip.kind() && ip.match(network, bits) ? bits + 1 : 0;
  }));
}

const EXACT = 1 << 10;

/** An exact name suits better than any wildcard, a long wildcard better than a short one. */
function nameRank(name: string, sni: string | undefined): number {
  if (sni === undefined) {
    return 0;
  }
  return name === sni ? EXACT : name.startsWith('*.') && sni.endsWith(name.slice(1)) ? name.length : 0;
}

function sourceTypeRank(type: number, call: Call): number {
  const { address } = sourceOf(call);
  const local = address === call.address || ipaddr.process(address).range() === 'loopback';
  return Number(local === (type === SourceType.SAME_IP_OR_LOOPBACK));
}

function sourceOf({ source }: Call): NonNullable<Call['source']> {
  if (!source) {
    throw new NotModelled('a filter chain', 'it asks where the connection comes from, and the call does not say `source`');
  }
  return source;
}
