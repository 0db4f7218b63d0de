import type { ServiceEntrySpec } from '../../istio';
import { CLUSTER_DOMAIN, isWildcard, mostSpecific } from '../../model/host';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';

const SERVICE_HOST = new RegExp(`^([^.]+)\\.([^.]+)\\.svc\\.${CLUSTER_DOMAIN.replace('.', '\\.')}$`);

type Entries = ReadonlyMap<string, readonly Resource[]>;
const entriesByHost = new WeakMap<ResourceMap, Entries>();

/** The Service of a host. */
export function serviceOf(host: string, services: ResourceMap): Resource | undefined {
  const [, name, namespace] = SERVICE_HOST.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : services.get(resourceKey(namespace, name));
}

/** The ServiceEntries of a host, or of the most specific wildcard that covers it. */
export function entriesOf(host: string, map: ResourceMap): readonly Resource[] {
  let entries = entriesByHost.get(map);
  if (!entries) {
    entriesByHost.set(map, entries = indexEntries(map));
  }
  return entries.get(host) ?? entries.get(mostSpecific([...entries.keys()].filter(isWildcard), host) ?? '') ?? [];
}

function indexEntries(map: ResourceMap): Entries {
  const found = new Map<string, Resource[]>();
  for (const entry of map.values()) {
    for (const host of (entry.spec as ServiceEntrySpec).hosts ?? []) found.set(host, [...found.get(host) ?? [], entry]);
  }
  return found;
}
