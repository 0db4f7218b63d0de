import { isIP } from 'node:net';
import type { CapturedPorts, Endpoint } from '../../model/endpoint';
import { ALL_PORTS } from '../../model/endpoint';
import type { Standpoint } from '../../model/locality';
import type { EndpointIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import type { Service } from '../../model/service';
import { takesMutualTls } from '../../model/peer';
import { isDns } from '../../model/service';
import { resourceKey } from '../../model/snapshot';
import type { ResourceMap } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import type { WorkloadEntry } from '../../model/workload-entry';
import { selects } from '../../model/workload';
import { Derived, InputCache, ObjectCache } from '../cache';
import { groupBy } from '../groups';
import { shareEndpoints } from './same-host';
import type { TopologyReader } from './topology';
import { nodeOf } from './topology';

/** What of an EndpointSlice matters here; https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
interface Slice {
  readonly addressType?: string;
  readonly endpoints?: readonly SliceEndpoint[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

interface World {
  readonly slices: ResourceMap;
  readonly pods: ResourceMap;
  readonly nodes: ResourceMap;
  readonly workloadEntries: readonly WorkloadEntry[];
}

/** Finds the endpoints of services. What comes out for a service is the same list until one of its slices or pods changes. */
export class EndpointsReader {
  private readonly slices = new ObjectCache<Resource, readonly Endpoint[]>();
  private readonly joined = new ObjectCache<Resource, readonly Endpoint[]>();
  private readonly entries = new ObjectCache<Service, readonly Endpoint[]>();
  private readonly podKeys = new Derived(podKeys);
  private readonly withEntries = new ObjectCache<Service, readonly Endpoint[]>();
  private readonly entriesByNamespace = new Derived((entries: readonly WorkloadEntry[]) => groupBy(entries, (one) => one.namespace));
  private readonly shared = new ObjectCache<Service, readonly Endpoint[]>();
  private readonly latest = new InputCache<EndpointIndex>(1);

  public constructor(private readonly topology: TopologyReader) {}

  public read(world: World): EndpointIndex {
    return this.latest.get('', [world.slices, world.pods, world.nodes, world.workloadEntries], () => this.index(world));
  }

  private index(world: World): EndpointIndex {
    const { slices, pods } = world;
    const entriesByNamespace = this.entriesByNamespace.of(world.workloadEntries);
    const byService = groupByService(slices);
    let podsByNamespace: Map<string, Resource[]> | undefined;
    const found = new Map<Service, readonly Endpoint[]>();
    const findOwn = (service: Service): readonly Endpoint[] => {
      const entries = selectEntries(entriesByNamespace.get(service.namespace) ?? NO_ENTRIES, service);
      if (service.registry === 'kubernetes') {
        const inCluster = this.join((byService.get(resourceKey(service.namespace, service.resource.name)) ?? []), world);
        return entries.length === 0 ? inCluster : this.withEntries.get(service, [inCluster, ...entries], () =>
          [...inCluster, ...entries.map(({ endpoint }) => ({ ...endpoint, ports: portsOf(endpoint, service) }))]);
      }
      podsByNamespace ??= groupBy(pods.values(), (pod) => pod.metadata.namespace);
      const selected = service.selector ? selectPods(podsByNamespace.get(service.namespace) ?? [], service.selector) : [];
      const nodes = selected.map((pod) => nodeOf(pod, world.nodes));
      return this.entries.get(service, [...selected, ...nodes, ...entries], () => [
        ...service.endpoints,
        ...selected.flatMap((pod) => readPod(pod, this.topology.of(pod, world.nodes))),
        ...entries.map((one) => one.endpoint),
      ]);
    };
    const find = (service: Service): readonly Endpoint[] => {
      const own = findOwn(service);
      const others = service.sharing?.map(findOwn);
      return others ? this.shared.get(service, [own, ...others], () => shareEndpoints(service, own, others)) : own;
    };
    return {
      of: (service) => {
        let endpoints = found.get(service);
        if (!endpoints) {
          endpoints = find(service);
          found.set(service, endpoints);
        }
        return endpoints;
      },
    };
  }

  private join(slices: readonly Resource[], world: World): readonly Endpoint[] {
    if (slices.length === 0) {
      return NONE;
    }
    const lists = slices.map((slice) => this.slice(slice, world));
    return lists.length === 1 ? lists[0] : this.joined.get(slices[0], lists, () => distinct(lists.flat()));
  }

  private slice(slice: Resource, { pods, nodes }: World): readonly Endpoint[] {
    const behind = this.podKeys.of(slice).map((key) => pods.get(key));
    return this.slices.get(slice, [...behind, ...behind.map((pod) => pod && nodeOf(pod, nodes))], () =>
      readSlice(slice, pods, (pod) => this.topology.of(pod, nodes)));
  }
}

/** While an endpoint moves from one slice to another it stands in both; https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#duplicate-endpoints */
function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const byPlace = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const place = `${endpoint.address} ${Object.keys(endpoint.ports).join()}`;
    if (!byPlace.has(place)) {
      byPlace.set(place, endpoint);
    }
  }
  return [...byPlace.values()];
}

const NONE: readonly Endpoint[] = [];
const NO_ENTRIES: readonly WorkloadEntry[] = [];

function groupByService(slices: ResourceMap): Map<string, Resource[]> {
  return groupBy(slices.values(), (slice) => {
    const service = slice.metadata.labels?.[SERVICE_LABEL];
    return service && (slice as unknown as Slice).addressType !== 'FQDN' ? resourceKey(slice.metadata.namespace, service) : undefined;
  });
}

/** Workloads outside of Kubernetes are selected by Services and ServiceEntries of their namespace alike. A name is looked up, or of no use. */
function selectEntries(entries: readonly WorkloadEntry[], { selector, registry, resolution }: Service): readonly WorkloadEntry[] {
  const nothing = !selector || (registry === 'kubernetes' && Object.keys(selector).length === 0);
  return entries.length === 0 || nothing ? NO_ENTRIES : entries.filter(({ endpoint }) =>
    selects(selector, endpoint.labels) && (isDns(resolution) || isDirect(endpoint.address)));
}

export function isDirect(address: string): boolean {
  return isIP(address) !== 0 || address.startsWith('unix://');
}

/** The ports of a Kubernetes Service at such a workload: by the Service's name for it, or by that of the pods. */
function portsOf({ ports }: Endpoint, service: Service): Endpoint['ports'] {
  return Object.fromEntries(service.ports.map(({ name, number, targetPort, targetName = '' }) =>
    [name, ports[name] ?? ports[targetName] ?? targetPort ?? number]));
}

function podKey({ targetRef: target }: SliceEndpoint, namespace: string): string | undefined {
  return target?.name !== undefined && (target.kind ?? 'Pod') === 'Pod' ? resourceKey(namespace, target.name) : undefined;
}

function podKeys(slice: Resource): string[] {
  return ((slice as unknown as Slice).endpoints ?? []).flatMap((endpoint) => podKey(endpoint, slice.metadata.namespace) ?? []);
}

function readSlice(resource: Resource, pods: ResourceMap, standpointOf: (pod: Resource) => Standpoint): Endpoint[] {
  const slice = resource as unknown as Slice;
  const ports = Object.fromEntries((slice.ports ?? []).flatMap((port) => (port.port === undefined ? [] : [[port.name ?? '', port.port]])));
  return (slice.endpoints ?? []).flatMap((endpoint) => {
    const pod = pods.get(podKey(endpoint, resource.metadata.namespace) ?? '');
    const { locality, labels } = pod ? standpointOf(pod) : NOWHERE;
    return (endpoint.addresses ?? []).map((address): Endpoint => ({
      address,
      ports,
      labels,
      // Kubernetes: "nil should be interpreted as true".
      ready: endpoint.conditions?.ready ?? true,
      // Istio: who does not say that it stays, as lists that people write, is on its way out (serviceregistry/kube/controller/endpointslice.go).
      ...(endpoint.conditions?.ready === false && endpoint.conditions.terminating !== false && { leaving: true }),
      ...(locality && { locality }),
      ...(pod && peerOf(pod)),
    }));
  });
}

/** Who a pod is for its callers. Kubernetes gives every pod an account. */
function peerOf({ metadata: { namespace, labels = {}, annotations = {} }, spec }: Resource): Pick<Endpoint, 'identity' | 'mutualTls'> {
  const { serviceAccountName } = (spec ?? {}) as { readonly serviceAccountName?: string };
  return {
    identity: { namespace, serviceAccount: serviceAccountName || 'default' },
    ...(takesMutualTls(labels) && { mutualTls: readCaptured(annotations) }),
  };
}

/** Connections to other ports do not meet the proxy; https://istio.io/latest/docs/reference/config/annotations/#TrafficSidecarInboundPorts */
function readCaptured(annotations: Readonly<Record<string, string>>): CapturedPorts {
  const list = (name: string) => annotations[`traffic.sidecar.istio.io/${name}`]?.split(',').map((text) => text.trim());
  const included = list('includeInboundPorts');
  const excluded = list('excludeInboundPorts');
  return included === undefined && excluded === undefined ? ALL_PORTS : {
    ...(included && !included.includes('*') && { only: included.map(Number) }),
    except: (excluded ?? []).map(Number),
  };
}

const NOWHERE: Standpoint = { locality: '', labels: {} };

function selectPods(pods: readonly Resource[], selector: Labels): Resource[] {
  return pods.filter((pod) => selects(selector, pod.metadata.labels ?? {}));
}

function readPod(pod: Resource, { locality, labels }: Standpoint): Endpoint[] {
  const status = (pod.status ?? {}) as PodStatus;
  if (!status.podIP) {
    return [];
  }
  const ready = status.conditions?.find((condition) => condition.type === 'Ready')?.status ?? 'True';
  // To the entries of people's own that select it, a pod that is not ready is none, as in Istio (serviceregistry/kube/controller/pod.go).
  const state = ready === 'True' ? { ready: true } : { ready: false, leaving: true };
  return [{ address: status.podIP, ports: {}, labels, ...state, ...(locality && { locality }), ...peerOf(pod) }];
}
