import { loadAll } from 'js-yaml';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import type { ResourceMap, Snapshot } from '../../src/model/snapshot';
import { groupKind, resourceKey } from '../../src/model/snapshot';
import type { Call, Outcome } from './simulate';

/** One mesh of `routing.json`; shared/suites/README.md tells what its fields mean. */
export interface SuiteMesh {
  readonly name: string;
  readonly config?: string;
  readonly kubeConfig?: string;
  readonly meshConfig?: { readonly outbound_traffic_policy?: { readonly mode?: string } };
  readonly proxy: {
    readonly type: 'sidecar' | 'router';
    readonly ipAddresses: readonly string[];
    readonly labels: Readonly<Record<string, string>> | null;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  readonly calls: readonly { readonly name: string; readonly call: Call; readonly want: Outcome & { strictMatch?: boolean } }[];
}

export function snapshotOf(mesh: SuiteMesh): Snapshot {
  const resources = [mesh.config, mesh.kubeConfig].flatMap((text) => loadAll(text ?? '')).filter((one) => one) as Resource[];
  return snapshotOfResources([...resources.map(complete), ...credentials(mesh, resources), ...meshConfig(mesh)]);
}

export function snapshotOfResources(resources: readonly Resource[]): Snapshot {
  const kinds = new Map<string, Map<string, Resource>>();
  for (const resource of resources) {
    const kind = groupKind(resource.apiVersion, resource.kind);
    const map = kinds.get(kind) ?? new Map<string, Resource>();
    kinds.set(kind, map.set(resourceKey(resource.metadata.namespace, resource.metadata.name), resource));
  }
  return { revision: 1, kinds: kinds as ReadonlyMap<string, ResourceMap> };
}

function complete(resource: Resource): Resource {
  const { creationTimestamp: created } = resource.metadata as { creationTimestamp?: string | Date };
  const creationTimestamp = created instanceof Date ? created.toISOString() : created;
  return { ...resource, metadata: { ...resource.metadata, namespace: resource.metadata.namespace ?? 'default', creationTimestamp } };
}

/** The suite takes it for granted that Secrets are there. */
function credentials(mesh: SuiteMesh, resources: readonly Resource[]): Resource[] {
  const namespace = String(mesh.proxy.metadata.NAMESPACE);
  const names = resources.flatMap((one) => ((one.spec as { servers?: { tls?: { credentialName?: string } }[] } | undefined)?.servers ?? [])
    .flatMap((server) => server.tls?.credentialName ?? []));
  const data = { 'tls.crt': 'Y2VydA==', 'tls.key': 'a2V5' };
  return [...new Set(names)].map((name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data }));
}

function meshConfig(mesh: SuiteMesh): Resource[] {
  if (!mesh.meshConfig) {
    return [];
  }
  const mode = mesh.meshConfig.outbound_traffic_policy?.mode ?? 'REGISTRY_ONLY';
  const data = { mesh: JSON.stringify({ outboundTrafficPolicy: { mode } }) };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'istio-system', name: 'istio' }, data }];
}

export function proxyOf({ proxy }: SuiteMesh): Proxy {
  const namespace = String(proxy.metadata.NAMESPACE);
  return {
    id: `${proxy.type}~${proxy.ipAddresses[0]}~app.${namespace}~${namespace}.svc.cluster.local`,
    type: proxy.type,
    addresses: proxy.ipAddresses,
    name: 'app',
    namespace,
    labels: proxy.labels ?? {},
    serviceAccount: 'default',
    metadata: proxy.metadata,
  };
}

/** Short hosts of the suite have no domain: `a.default` stands for the service. */
export function withDomain(cluster: string | undefined): string | undefined {
  return cluster?.replace(/^(outbound\|\d+\|[^|]*\|[^|.]+\.(?:default|ns-\d+))$/, '$1.svc.cluster.local');
}
