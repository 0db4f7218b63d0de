import type { VirtualServiceSpecHttp } from '../../../imports/istio/virtual-service.types';
import { Compiler, parseNode } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import type { Snapshot } from '../../src/model/snapshot';
import { groupKind, resourceKey } from '../../src/model/snapshot';

export function object(kind: string, name: string, spec: object, namespace = 'default'): Resource {
  const apiVersion = kind === 'Service' || kind === 'Pod' ? 'v1' : 'networking.istio.io/v1';
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

export function service(name: string, address: string, ports: readonly object[] = [{ name: 'http', port: 8000 }]): Resource {
  return object('Service', name, { clusterIP: address, selector: { app: name }, ports });
}

export function slice(name: string, addresses: readonly string[]): Resource {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports: [{ name: 'http', port: 8000 }],
  };
}

export function rules(name: string, http: readonly VirtualServiceSpecHttp[]): Resource {
  return object('VirtualService', name, { hosts: [name], http });
}

/** The next snapshot after an edit: what is not touched stays the same object. */
export function edit(snapshot: Snapshot, change: { readonly put?: readonly Resource[]; readonly remove?: readonly Resource[] }): Snapshot {
  const kinds = new Map(snapshot.kinds);
  const mapOf = (resource: Resource) => {
    const kind = groupKind(resource.apiVersion, resource.kind);
    const map = new Map(kinds.get(kind));
    kinds.set(kind, map);
    return map;
  };
  const key = ({ metadata }: Resource) => resourceKey(metadata.namespace, metadata.name);
  change.put?.forEach((resource) => mapOf(resource).set(key(resource), resource));
  change.remove?.forEach((resource) => mapOf(resource).delete(key(resource)));
  return { revision: snapshot.revision + 1, kinds };
}

export const EMPTY: Snapshot = { revision: 0, kinds: new Map() };

export function proxy(name: string, labels: Readonly<Record<string, string>> = { app: 'client' }, type = 'sidecar'): Proxy {
  const parsed = parseNode({ id: `${type}~10.244.9.${name.length}~${name}.default~default.svc.cluster.local`, metadata: { LABELS: labels } });
  if (typeof parsed === 'string') {
    throw new Error(parsed);
  }
  return parsed;
}

export function compile(snapshot: Snapshot, client: Proxy = proxy('client')): Configuration {
  return new Compiler().compile(snapshot, client).configuration;
}

/** Types, names and versions: what a proxy can tell apart. */
export function versions(configuration: Configuration): Record<string, Record<string, string>> {
  return Object.fromEntries([...configuration].map(([type, resources]) =>
    [type, Object.fromEntries([...resources.values()].map(({ name, version }) => [name, version]))]));
}
