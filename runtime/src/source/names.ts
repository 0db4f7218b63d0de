import { SERVICE_NAME_LABEL } from '../kubernetes';
import type { Endpoint, EndpointSlice, Service } from '../kubernetes';
import { serviceHost } from '../model/host';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { resourcesOf } from '../model/snapshot';

/**
 * The host names of the mesh and their addresses, in full: Services (headless ones have the addresses of their ready pods), the pods of
 * headless Services by their own names. Services of type ExternalName are in `dnsAliases`; hosts of ServiceEntries are known to proxies only.
 */
export function dnsNames(snapshot: Snapshot): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  const slices = slicesByService(resourcesOf(snapshot, 'discovery.k8s.io/EndpointSlice'));
  for (const [key, resource] of resourcesOf(snapshot, '/Service')) {
    const { metadata, spec } = resource as Service;
    const host = serviceHost(metadata.name, metadata.namespace);
    if (spec?.clusterIP === 'None') headless(host, slices.get(key) ?? [], names);
    else if (spec?.clusterIP) names.set(host, [spec.clusterIP]);
  }
  return names;
}

/** Services of type ExternalName: the full name of each and the name that it stands for. */
export function dnsAliases(snapshot: Snapshot): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const resource of resourcesOf(snapshot, '/Service').values()) {
    const { metadata, spec } = resource as Service;
    if (spec?.type === 'ExternalName' && spec.externalName) aliases.set(serviceHost(metadata.name, metadata.namespace), spec.externalName.replace(/\.$/, ''));
  }
  return aliases;
}

function headless(host: string, endpoints: readonly Endpoint[], names: Map<string, readonly string[]>): void {
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  names.set(host, ready.flatMap(({ addresses }) => addresses));
  for (const { hostname, addresses } of ready) if (hostname) names.set(`${hostname}.${host}`, addresses);
}

function slicesByService(slices: ResourceMap): ReadonlyMap<string, readonly Endpoint[]> {
  const endpoints = new Map<string, Endpoint[]>();
  for (const resource of slices.values()) {
    const slice = resource as EndpointSlice;
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (!service) continue;
    const key = `${slice.metadata.namespace}/${service}`;
    const list = endpoints.get(key) ?? [];
    list.push(...slice.endpoints ?? []);
    endpoints.set(key, list);
  }
  return endpoints;
}
