import type { Endpoint } from '../../model/endpoint';
import type { EndpointIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import { resourceKey } from '../../model/snapshot';
import type { ResourceMap } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import { InputCache } from '../cache';

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
  private readonly cache = new InputCache<readonly Endpoint[]>();
  private latest?: { readonly slices: ResourceMap; readonly pods: ResourceMap; readonly index: EndpointIndex };

  public read(slices: ResourceMap, pods: ResourceMap): EndpointIndex {
    if (this.latest?.slices !== slices || this.latest.pods !== pods) {
      this.latest = { slices, pods, index: this.index(slices, pods) };
    }
    return this.latest.index;
  }

  private index(slices: ResourceMap, pods: ResourceMap): EndpointIndex {
    const byService = groupByService(slices);
    const podsByNamespace = groupByNamespace(pods);
    return {
      of: (service) => {
        const key = resourceKey(service.namespace, service.resource.name);
        if (service.registry === 'kubernetes') {
          const own = byService.get(key) ?? [];
          const behind = own.flatMap((slice) => podsOf(slice, pods));
          return this.cache.get(`slices ${key}`, [...own, ...behind], () => own.flatMap((slice) => readSlice(slice, pods)));
        }
        const selected = service.selector ? selectPods(podsByNamespace.get(service.namespace) ?? [], service.selector) : [];
        return this.cache.get(`entry ${key} ${service.host}`, [service, ...selected], () => [...service.endpoints, ...selected.flatMap(readPod)]);
      },
    };
  }
}

function groupByService(slices: ResourceMap): Map<string, Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const slice of slices.values()) {
    const service = slice.metadata.labels?.[SERVICE_LABEL];
    if (service && (slice as unknown as Slice).addressType !== 'FQDN') {
      const key = resourceKey(slice.metadata.namespace, service);
      groups.set(key, [...(groups.get(key) ?? []), slice]);
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

function podOf(endpoint: SliceEndpoint, namespace: string, pods: ResourceMap): Resource | undefined {
  const target = endpoint.targetRef;
  return target?.name !== undefined && (target.kind ?? 'Pod') === 'Pod' ? pods.get(resourceKey(namespace, target.name)) : undefined;
}

function podsOf(slice: Resource, pods: ResourceMap): Resource[] {
  return ((slice as unknown as Slice).endpoints ?? []).flatMap((endpoint) => podOf(endpoint, slice.metadata.namespace, pods) ?? []);
}

function readSlice(resource: Resource, pods: ResourceMap): Endpoint[] {
  const slice = resource as unknown as Slice;
  const ports = Object.fromEntries((slice.ports ?? []).flatMap((port) => (port.port === undefined ? [] : [[port.name ?? '', port.port]])));
  return (slice.endpoints ?? []).flatMap((endpoint) => (endpoint.addresses ?? []).slice(0, 1).map((address) => ({
    address,
    ports,
    labels: podOf(endpoint, resource.metadata.namespace, pods)?.metadata.labels ?? {},
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
