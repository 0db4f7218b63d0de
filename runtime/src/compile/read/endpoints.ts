import type { Endpoint } from '../../model/endpoint';
import type { EndpointIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import type { Service } from '../../model/service';
import { resourceKey } from '../../model/snapshot';
import type { ResourceMap } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import { Derived, ObjectCache } from '../cache';

/** What of an EndpointSlice matters here; https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
interface Slice {
  readonly addressType?: string;
  readonly endpoints?: readonly SliceEndpoint[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

interface SliceEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
}

interface PodStatus {
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Finds the endpoints of services. What comes out for a service is the same list until one of its slices or pods changes. */
export class EndpointsReader {
  private readonly slices = new ObjectCache<Resource, readonly Endpoint[]>();
  private readonly joined = new ObjectCache<Resource, readonly Endpoint[]>();
  private readonly entries = new ObjectCache<Service, readonly Endpoint[]>();
  private readonly podKeys = new Derived(podKeys);
  private latest?: { readonly slices: ResourceMap; readonly pods: ResourceMap; readonly index: EndpointIndex };

  public read(slices: ResourceMap, pods: ResourceMap): EndpointIndex {
    if (this.latest?.slices !== slices || this.latest.pods !== pods) {
      this.latest = { slices, pods, index: this.index(slices, pods) };
    }
    return this.latest.index;
  }

  private index(slices: ResourceMap, pods: ResourceMap): EndpointIndex {
    const byService = groupByService(slices);
    let podsByNamespace: Map<string, Resource[]> | undefined;
    const found = new Map<Service, readonly Endpoint[]>();
    const find = (service: Service): readonly Endpoint[] => {
      if (service.registry === 'kubernetes') {
        return this.join((byService.get(resourceKey(service.namespace, service.resource.name)) ?? []), pods);
      }
      podsByNamespace ??= groupByNamespace(pods);
      const selected = service.selector ? selectPods(podsByNamespace.get(service.namespace) ?? [], service.selector) : [];
      return this.entries.get(service, selected, () => [...service.endpoints, ...selected.flatMap(readPod)]);
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

  private join(slices: readonly Resource[], pods: ResourceMap): readonly Endpoint[] {
    if (slices.length === 0) {
      return NONE;
    }
    const lists = slices.map((slice) => this.slice(slice, pods));
    return lists.length === 1 ? lists[0] : this.joined.get(slices[0], lists, () => lists.flat());
  }

  private slice(slice: Resource, pods: ResourceMap): readonly Endpoint[] {
    return this.slices.get(slice, this.podKeys.of(slice).map((key) => pods.get(key)), () => readSlice(slice, pods));
  }
}

const NONE: readonly Endpoint[] = [];

function groupByService(slices: ResourceMap): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const slice of slices.values()) {
    const service = slice.metadata.labels?.[SERVICE_LABEL];
    if (service && (slice as unknown as Slice).addressType !== 'FQDN') {
      const key = resourceKey(slice.metadata.namespace, service);
      const group = groups.get(key);
      if (group) {
        group.push(slice);
      } else {
        groups.set(key, [slice]);
      }
    }
  }
  return groups;
}

function groupByNamespace(pods: ResourceMap): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const pod of pods.values()) {
    const group = groups.get(pod.metadata.namespace);
    if (group) {
      group.push(pod);
    } else {
      groups.set(pod.metadata.namespace, [pod]);
    }
  }
  return groups;
}

function podKey({ targetRef: target }: SliceEndpoint, namespace: string): string | undefined {
  return target?.name !== undefined && (target.kind ?? 'Pod') === 'Pod' ? resourceKey(namespace, target.name) : undefined;
}

function podKeys(slice: Resource): string[] {
  return ((slice as unknown as Slice).endpoints ?? []).flatMap((endpoint) => podKey(endpoint, slice.metadata.namespace) ?? []);
}

function readSlice(resource: Resource, pods: ResourceMap): Endpoint[] {
  const slice = resource as unknown as Slice;
  const ports = Object.fromEntries((slice.ports ?? []).flatMap((port) => (port.port === undefined ? [] : [[port.name ?? '', port.port]])));
  return (slice.endpoints ?? []).flatMap((endpoint) => (endpoint.addresses ?? []).slice(0, 1).map((address) => ({
    address,
    ports,
    labels: pods.get(podKey(endpoint, resource.metadata.namespace) ?? '')?.metadata.labels ?? {},
    // Kubernetes: "nil should be interpreted as true".
    ready: endpoint.conditions?.ready ?? true,
  })));
}

function selectPods(pods: readonly Resource[], selector: Labels): Resource[] {
  return pods.filter((pod) => selects(selector, pod.metadata.labels ?? {}));
}

function readPod(pod: Resource): Endpoint[] {
  const status = (pod.status ?? {}) as PodStatus;
  if (!status.podIP) {
    return [];
  }
  const ready = status.conditions?.find((condition) => condition.type === 'Ready')?.status ?? 'True';
  return [{ address: status.podIP, ports: {}, labels: pod.metadata.labels ?? {}, ready: ready === 'True' }];
}
