import type { Filter, FilterChain, HttpConnectionManager, HttpFilter, Listener, ListenerFilter } from '../../envoy';
import { any, unpack } from '../../envoy';
import type { Side } from '../../model/proxy';
import { patchList } from './finish-list';
import type { PatchPlan } from './finish-plan';
import { isMerge, merged, mergedExtension } from './finish-plan';
import { patchRoutes } from './finish-routes';
import type { TypedPatch } from './finish-value';

const VIRTUAL: ReadonlySet<string> = new Set(['virtualInbound', 'virtualOutbound']);
const HTTP = 'envoy.filters.network.http_connection_manager';

/** One listener with everything in it patched, in Istio's order (pilot/pkg/networking/core/envoyfilter/listener_patch.go); undefined: removed. */
export function patchListener(given: Listener, plan: PatchPlan, side: Side): Listener | undefined {
  let listener = given;
  for (const patch of plan.of('LISTENER', side).filter((one) => matchesListener(listener, one))) {
    if (patch.operation === 'REMOVE') {
      return undefined;
    }
    listener = isMerge(patch.operation) ? merged(listener, patch) : listener;
  }
  return patchChains(patchListenerFilters(listener, plan, side), plan, side);
}

function patchListenerFilters(listener: Listener, plan: PatchPlan, side: Side): Listener {
  let filters: readonly ListenerFilter[] = listener.listenerFilters ?? [];
  for (const patch of plan.of('LISTENER_FILTER', side).filter((one) => matchesListener(listener, one))) {
    const anchor = patch.match.listener?.listenerFilter;
    const isAnchor = (filter: ListenerFilter): boolean => anchor === undefined || filter.name === anchor;
    filters = isMerge(patch.operation)
      ? filters.map((filter) => (isAnchor(filter) ? mergedExtension(filter, patch.value, patch) : filter))
      : patchList(filters, { ...patch, anchored: anchor !== undefined, isAnchor });
  }
  return filters.length > 0 ? { ...listener, listenerFilters: filters } : withoutFilters(listener);
}

function withoutFilters({ listenerFilters: _, ...listener }: Listener): Listener {
  return listener;
}

function patchChains(listener: Listener, plan: PatchPlan, side: Side): Listener {
  const { filterChains, defaultFilterChain, ...rest } = listener;
  const patched = (filterChains ?? []).flatMap((chain) => patchChain(listener, chain, { plan, side }) ?? []);
  const fallback = defaultFilterChain && patchChain(listener, defaultFilterChain, { plan, side });
  const added = plan.of('FILTER_CHAIN', side).filter((one) => one.operation === 'ADD' && matchesListener(listener, one)).map((one) => one.value);
  return { ...rest, filterChains: [...patched, ...added], ...(fallback && { defaultFilterChain: fallback }) };
}

interface PatchWork {
  readonly plan: PatchPlan;
  readonly side: Side;
}

function patchChain(listener: Listener, given: FilterChain, { plan, side }: PatchWork): FilterChain | undefined {
  let chain = given;
  for (const patch of plan.of('FILTER_CHAIN', side).filter((one) => matchesChain(listener, chain, one))) {
    if (patch.operation === 'REMOVE') {
      return undefined;
    }
    chain = isMerge(patch.operation) ? mergedChain(chain, patch) : chain;
  }
  return patchFilters(listener, chain, { plan, side });
}

function mergedChain(chain: FilterChain, patch: TypedPatch<'FILTER_CHAIN'>): FilterChain {
  const socket = patch.value.transportSocket;
  // As in Istio, a patch of a socket of the same kind is about nothing else.
  return socket && chain.transportSocket?.name === socket.name
    ? { ...chain, transportSocket: mergedExtension(chain.transportSocket!, socket, patch) }
    : merged(chain, patch);
}

function patchFilters(listener: Listener, chain: FilterChain, { plan, side }: PatchWork): FilterChain {
  const patches = plan.of('NETWORK_FILTER', side).filter((one) => matchesChain(listener, chain, one));
  let filters: readonly Filter[] = chain.filters ?? [];
  for (const patch of patches) {
    filters = patchList(filters, { ...patch, anchored: patch.match.listener?.filterChain?.filter !== undefined, isAnchor: (filter) => isFilter(filter, patch) });
  }
  const requests = plan.of('HTTP_FILTER', side).filter((one) => matchesChain(listener, chain, one));
  return {
    ...chain,
    filters: filters.map((given) => {
      const filter = patches.filter((one) => isMerge(one.operation) && isFilter(given, one)).reduce((into, one) => mergedExtension(into, one.value, one), given);
      return filter.name === HTTP ? patchManager(filter, requests.filter((one) => isFilter(filter, one)), { plan, side }) : filter;
    }),
  };
}

/** The filters of requests, and routes that stand in the listener. */
function patchManager(filter: Filter, patches: readonly TypedPatch<'HTTP_FILTER'>[], { plan, side }: PatchWork): Filter {
  const manager = filter.typedConfig && unpack(filter.typedConfig) as HttpConnectionManager | undefined;
  if (!manager) {
    return filter;
  }
  let filters: readonly HttpFilter[] = manager.httpFilters ?? [];
  for (const patch of patches) {
    filters = patchList(filters, { ...patch, anchored: patch.match.listener?.filterChain?.subFilter !== undefined, isAnchor: (one) => isHttpFilter(one, patch) });
  }
  const httpFilters = filters.map((given) => patches
    .filter((one) => isMerge(one.operation) && isHttpFilter(given, one))
    .reduce(configured, given));
  const routeConfig = manager.routeConfig && patchRoutes(manager.routeConfig, { plan, side, servers: new Map() });
  return { ...filter, typedConfig: any('HttpConnectionManager', { ...manager, httpFilters, ...(routeConfig && { routeConfig }) }) };
}

/** Filters that wait for a route to switch them on are on where they are configured for all routes: Istio's are never off. */
function configured(into: HttpFilter, patch: TypedPatch<'HTTP_FILTER'>): HttpFilter {
  const { disabled, ...filter } = mergedExtension(into, patch.value, patch);
  return disabled && filter.typedConfig === into.typedConfig ? into : filter;
}

function isFilter({ name }: Filter, { match }: TypedPatch): boolean {
  const wanted = match.listener?.filterChain?.filter;
  return wanted === undefined || wanted === name;
}

function isHttpFilter({ name }: HttpFilter, { match }: TypedPatch): boolean {
  const wanted = match.listener?.filterChain?.subFilter;
  return wanted === undefined || wanted === name;
}

/** Within the two listeners that take redirected traffic, ports tell chains apart. */
function matchesListener(listener: Listener, { subject, match }: TypedPatch): boolean {
  const { name, portNumber } = match.listener ?? {};
  if (name !== undefined && name !== listener.name) {
    return false;
  }
  const byChain = subject !== 'LISTENER' && VIRTUAL.has(listener.name ?? '');
  return portNumber === undefined || byChain || listener.address?.socketAddress?.portValue === portNumber;
}

function matchesChain(listener: Listener, { name, filterChainMatch = {} }: FilterChain, patch: TypedPatch): boolean {
  const { portNumber, filterChain: wanted } = patch.match.listener ?? {};
  const port = filterChainMatch.destinationPort?.value;
  if (!matchesListener(listener, patch) || (VIRTUAL.has(listener.name ?? '') && portNumber !== undefined && port !== portNumber)) {
    return false;
  }
  return wanted === undefined || (
    (wanted.name === undefined || wanted.name === name)
    && (wanted.sni === undefined || (filterChainMatch.serverNames ?? []).includes(wanted.sni))
    && (wanted.transportProtocol === undefined || wanted.transportProtocol === filterChainMatch.transportProtocol)
    && wanted.applicationProtocols.every((one) => (filterChainMatch.applicationProtocols ?? []).includes(one))
    && (wanted.destinationPort === undefined || wanted.destinationPort === port)
  );
}
