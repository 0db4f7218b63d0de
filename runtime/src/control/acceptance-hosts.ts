import type { DestinationRuleSpec, ServiceEntrySpec } from '../istio';
import { covers, isWildcard, resolveHost, serviceHost } from '../model/host';
import type { Resource } from '../model/resource';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { resourcesOf } from '../model/snapshot';

/** Names by host, where hosts may be wildcards. */
class HostIndex {
  private readonly exact = new Map<string, Set<string>>();
  private readonly wild = new Map<string, Set<string>>();

  public add(host: string, names: Iterable<string>): void {
    const hosts = isWildcard(host) ? this.wild : this.exact;
    const all = hosts.get(host) ?? new Set();
    for (const name of names) all.add(name);
    hosts.set(host, all);
  }

  public has(host: string): boolean {
    return this.exact.has(host) || [...this.wild.keys()].some((pattern) => covers(pattern, host));
  }

  public names(host: string, name: string): boolean {
    return this.exact.get(host)?.has(name) === true || [...this.wild].some(([pattern, names]) => names.has(name) && covers(pattern, host));
  }
}

const services = new WeakMap<ResourceMap, HostIndex>();
const entries = new WeakMap<ResourceMap, HostIndex>();
const subsets = new WeakMap<ResourceMap, HostIndex>();

/** Whether the mesh has a Service or a ServiceEntry of that host. */
export function isKnown(snapshot: Snapshot, host: string): boolean {
  const ofServices = indexed(services, resourcesOf(snapshot, '/Service'), (index, { metadata }) => {
    index.add(serviceHost(metadata.name, metadata.namespace), []);
  });
  const ofEntries = indexed(entries, resourcesOf(snapshot, 'networking.istio.io/ServiceEntry'), (index, { spec }) => {
    for (const entry of (spec as ServiceEntrySpec).hosts ?? []) index.add(entry, []);
  });
  return ofServices.has(host) || ofEntries.has(host);
}

/** Whether one of these DestinationRules gives the host that subset. */
export function hasSubset(destinationRules: ResourceMap, host: string, subset: string): boolean {
  return indexed(subsets, destinationRules, (index, rule) => index.add(ruleHost(rule), subsetNames(rule))).names(host, subset);
}

/** The host of a DestinationRule in full; it may be a wildcard. */
export function ruleHost(rule: Resource): string {
  return resolveHost((rule.spec as DestinationRuleSpec).host ?? '', rule.metadata.namespace);
}

export function subsetNames(rule: Resource): string[] {
  return ((rule.spec as DestinationRuleSpec).subsets ?? []).map(({ name }) => name ?? '');
}

function indexed(cache: WeakMap<ResourceMap, HostIndex>, map: ResourceMap, add: (index: HostIndex, resource: Resource) => void): HostIndex {
  let index = cache.get(map);
  if (!index) {
    cache.set(map, index = new HostIndex());
    for (const resource of map.values()) add(index, resource);
  }
  return index;
}
