import { dump } from 'js-yaml';
import { Compiler, parseNode, readSwitches } from '../../runtime/src/compile';
import { decode, toJson } from '../../runtime/src/envoy';
import { TYPE_URLS } from '../../runtime/src/model/configuration';
import type { Resource } from '../../runtime/src/model/resource';
import type { Snapshot } from '../../runtime/src/model/snapshot';
import { findCases, nodeOfCase, snapshotOf } from '../../runtime/test/cases/case';
import type { Resources } from './difference';

/** A proxy that asks for its configuration, as it introduces itself. */
export interface Node {
  readonly name: string;
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What Istio's pilot is asked about: see test/pilot/main.go. */
export interface World {
  readonly name: string;
  readonly kubernetes: string;
  readonly istio: string;
  readonly mesh: string;
  readonly nodes: readonly Node[];
}

export const KINDS = ['listener', 'route', 'cluster', 'endpoint'] as const;

/** Kinds that stand in a Snapshot and that pilot reads from Kubernetes; those of Istio are given as they are written. */
const FROM_KUBERNETES: ReadonlySet<string> = new Set([
  ...['Service', 'Pod', 'Namespace', 'Node', 'ServiceAccount', 'Secret', 'ConfigMap', 'Endpoints'].map((kind) => `/${kind}`),
  'discovery.k8s.io/EndpointSlice', 'networking.k8s.io/Ingress', 'networking.k8s.io/IngressClass',
  ...['Gateway', 'GatewayClass', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'ReferenceGrant', 'BackendTLSPolicy', 'ListenerSet']
    .map((kind) => `gateway.networking.k8s.io/${kind}`),
]);
/** The versions in which pilot's own types are served, where Istio's users write others. */
const SERVED: Readonly<Record<string, string>> = { EnvoyFilter: 'networking.istio.io/v1alpha3', ProxyConfig: 'networking.istio.io/v1beta1' };
/** Pods of each case whose proxies ask too. */
const MOST_PODS = 3;

export interface Asked {
  readonly world: World;
  /** What our compiler makes for each node. */
  readonly ours: ReadonlyMap<string, Resources>;
}

/** The cases of the runtime that need neither machines nor switches, as both control planes see them. */
export function* casesWith(filter: string): Generator<Asked> {
  for (const one of findCases()) {
    if (!one.name.includes(filter) || one.machines.length > 0 || Object.keys(one.env).length > 0) {
      continue;
    }
    const snapshot = snapshotOf(one.input);
    const { id, metadata } = nodeOfCase(one);
    const nodes = [{ name: 'case', id, metadata: { CLUSTER_ID: 'Kubernetes', ...metadata } }, ...podNodes(snapshot)];
    yield { world: worldOf(one.name, snapshot, nodes), ours: new Map(nodes.map((node) => [node.name, compile(snapshot, node)])) };
  }
}

function worldOf(name: string, snapshot: Snapshot, nodes: readonly Node[]): World {
  const all = [...snapshot.kinds].flatMap(([kind, resources]) => [...resources.values()].map((resource) => ({ kind, resource })));
  const kubernetes = all.filter(({ kind }) => FROM_KUBERNETES.has(kind)).map(({ resource }) => resource);
  const istio = all.filter(({ kind }) => kind.includes('istio.io/')).map(({ resource }) => ({ ...resource, apiVersion: SERVED[resource.kind] ?? resource.apiVersion }));
  const settings = kubernetes.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'istio' && metadata.namespace === 'istio-system');
  const mesh = (settings?.data as Record<string, string> | undefined)?.mesh ?? '';
  return { name, kubernetes: documents([...kubernetes, ...implied(all.map(({ resource }) => resource))]), istio: documents(istio), mesh, nodes };
}

/** What a cluster with Istio has without anybody's manifest. */
function implied(resources: readonly Resource[]): object[] {
  const has = (kind: string, name: string) => resources.some((one) => one.kind === kind && one.metadata.name === name);
  const namespaces = new Set(['default', 'istio-system', ...resources.map(({ metadata }) => metadata.namespace).filter((one) => one !== '')]);
  return [
    ...[...namespaces].filter((name) => !has('Namespace', name)).map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...has('GatewayClass', 'istio') ? [] : [{
      apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'istio' }, spec: { controllerName: 'istio.io/gateway-controller' },
    }],
  ];
}

function documents(objects: readonly object[]): string {
  return objects.map((object) => dump(object, { noRefs: true, skipInvalid: true })).join('\n---\n');
}

interface PodParts {
  readonly metadata: Resource['metadata'];
  readonly spec?: { readonly serviceAccountName?: string; readonly nodeName?: string; readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[] };
  readonly status?: { readonly podIP?: string };
}

interface Container { readonly name: string; readonly args?: readonly string[] }

/** One pod of each app that has a proxy. */
function podNodes(snapshot: Snapshot): Node[] {
  const nodes = new Map<string, Node>();
  for (const { metadata: { name, namespace, labels = {} }, spec = {}, status } of [...snapshot.kinds.get('/Pod')?.values() ?? []] as PodParts[]) {
    const proxy = [...spec.containers ?? [], ...spec.initContainers ?? []].find((one) => one.name === 'istio-proxy');
    const app = `pod ${labels.app ?? name}.${namespace}`;
    if (proxy && status?.podIP !== undefined && !nodes.has(app)) {
      const type = proxy.args?.includes('router') ? 'router' : 'sidecar';
      nodes.set(app, {
        name: app, id: `${type}~${status.podIP}~${name}.${namespace}~${namespace}.svc.cluster.local`,
        metadata: { NAMESPACE: namespace, LABELS: labels, SERVICE_ACCOUNT: spec.serviceAccountName ?? 'default', CLUSTER_ID: 'Kubernetes', NODE_NAME: spec.nodeName },
      });
    }
  }
  return [...nodes.values()].slice(0, MOST_PODS);
}

function compile(snapshot: Snapshot, node: Node): Resources {
  const proxy = parseNode(node);
  if (typeof proxy === 'string') {
    throw new Error(proxy);
  }
  const { configuration } = new Compiler(readSwitches({})).compile(snapshot, proxy);
  return Object.fromEntries(KINDS.map((kind) => {
    const url = TYPE_URLS[kind] as `type.googleapis.com/${string}`;
    return [kind, Object.fromEntries([...configuration.get(url) ?? []].map(([name, { bytes }]) => [name, toJson(url, decode(url, bytes))]))];
  }));
}
