import { loadAll } from 'js-yaml';
import type { Proxy } from '../../src/model/proxy';
import type { Resource } from '../../src/model/resource';
import type { ResourceMap, Snapshot } from '../../src/model/snapshot';
import { groupKind, resourceKey } from '../../src/model/snapshot';
import type { Call, Failure } from '../../src/simulate';

/** One mesh of `routing.json`; shared/suites/README.md tells what its fields mean. */
export interface SuiteMesh {
  readonly name: string;
  readonly config?: string;
  readonly kubeConfig?: string;
  readonly meshConfig?: Readonly<Record<string, unknown>>;
  readonly proxy: {
    readonly type: 'sidecar' | 'router';
    readonly ipAddresses: readonly string[];
    readonly labels: Readonly<Record<string, string>> | null;
    readonly metadata: Readonly<Record<string, unknown>>;
  };
  readonly calls: readonly SuiteCall[];
}

export interface SuiteCall {
  readonly name: string;
  readonly call: {
    readonly address: string;
    readonly port: number;
    readonly protocol: Call['protocol'];
    readonly tls: Call['tls'];
    readonly alpn?: string;
    readonly sni?: string;
    readonly path: string;
    readonly hostHeader?: string;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly callMode?: 'inbound' | 'gateway';
  };
  readonly want: {
    readonly listener?: string;
    readonly filterChain?: string;
    readonly routeConfig?: string;
    readonly virtualHost?: string;
    readonly route?: string;
    readonly cluster?: string;
    readonly error?: Failure;
    /** What is not named must not be there. */
    readonly strictMatch?: boolean;
  };
}

/** A call as the simulation takes it. */
export function callOf(call: SuiteCall['call'], router: boolean): Call {
  const { callMode, hostHeader, ...rest } = call;
  return { ...rest, at: callMode ?? (router ? 'gateway' : 'outbound'), authority: hostHeader };
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
  const names = resources.flatMap(({ spec }) => {
    const { servers = [], tls = [] } = (spec ?? {}) as { servers?: { tls?: { credentialName?: string } }[]; tls?: { secretName?: string }[] };
    return [...servers.map((server) => server.tls?.credentialName), ...tls.map((one) => one.secretName)].flatMap((name) => name ?? []);
  });
  const data = { 'tls.crt': 'Y2VydA==', 'tls.key': 'a2V5' };
  return [...new Set(names)].map((name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data }));
}

/** MeshConfig as protobuf writes it: in snake_case, and without values that are zero. For the mode of outbound traffic zero is REGISTRY_ONLY. */
function meshConfig({ meshConfig: given }: SuiteMesh): Resource[] {
  if (!given) {
    return [];
  }
  const policy = { mode: 'REGISTRY_ONLY', ...given.outbound_traffic_policy as object };
  const data = { mesh: JSON.stringify(camelCased({ ...given, outbound_traffic_policy: policy })) };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'istio-system', name: 'istio' }, data }];
}

export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(camelCased);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), camelCased(member)]));
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
