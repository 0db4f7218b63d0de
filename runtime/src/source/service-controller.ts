import { isDeepStrictEqual } from 'node:util';
import type { EndpointSlice, Pod, Service } from '../kubernetes';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';
import { AddressPool } from './addresses';
import { endpointSlices } from './endpoint-slices';
import { LabelIndex, SelectorIndex } from './label-index';
import { mirroredSlices } from './mirrored-endpoints';
import type { Change } from './intake';
import type { PodChange } from './pod-controller';
import { defaultService, selectsPods, wantedAddress } from './services';
import type { Store } from './store';

const SLICE = 'discovery.k8s.io/EndpointSlice';

/** The API server's part for Services and the controllers of EndpointSlices: writes both kinds into the store. */
export class ServiceController {
  private readonly pods = new LabelIndex();
  private readonly selectors = new SelectorIndex();
  private readonly slices = new Map<string, ReadonlyMap<string, EndpointSlice>>();
  private readonly endpoints = new Map<string, Resource>();
  private readonly faults = new Map<string, readonly Problem[]>();
  private readonly dirty = new Set<string>();
  private readonly addresses = new AddressPool('10.96');

  public constructor(private readonly store: Store) {}

  /** A Service that asks for another address than before gives the one it has back. */
  public makeRoom({ before, after }: Change): void {
    if (before && after && groupKind(after.apiVersion, after.kind) === '/Service' && wantedAddress(before) !== wantedAddress(after)) {
      this.addresses.release(resourceKey(after.metadata.namespace, after.metadata.name));
    }
  }

  public set(given: Resource): void {
    const { service, problems } = defaultService(given, this.addresses);
    const { name, namespace } = service.metadata;
    const key = resourceKey(namespace, name);
    this.store.set(service);
    this.faults.set(key, problems);
    if (selectsPods(service)) this.selectors.set(key, namespace, service.spec?.selector ?? {});
    else this.selectors.delete(key);
    this.dirty.add(key);
  }

  public delete({ metadata: { name, namespace } }: Resource): void {
    const key = resourceKey(namespace, name);
    this.store.delete('/Service', key);
    this.faults.delete(key);
    this.selectors.delete(key);
    this.addresses.release(key);
    this.dirty.add(key);
  }

  /** Endpoints that somebody wrote himself. */
  public endpointsChanged({ before, after }: Change): void {
    const { name = '', namespace = '' } = (after ?? before)?.metadata ?? {};
    const key = resourceKey(namespace, name);
    if (after) this.endpoints.set(key, after);
    else this.endpoints.delete(key);
    this.dirty.add(key);
  }

  public podChanged({ before, after }: PodChange): void {
    const pod = after ?? before;
    if (!pod) return;
    const { namespace, name } = pod.metadata;
    const key = resourceKey(namespace, name);
    if (after) this.pods.set(key, namespace, after.metadata.labels ?? {});
    else this.pods.delete(key);
    for (const labels of [before?.metadata.labels, after?.metadata.labels]) {
      for (const service of this.selectors.matching(namespace, labels ?? {})) this.dirty.add(service);
    }
  }

  /** Brings the EndpointSlices of all Services that are concerned up to date. */
  public settle(podOf: (key: string) => Pod | undefined): void {
    for (const key of this.dirty) {
      const service = this.store.get('/Service', key) as Service | undefined;
      this.write(key, service ? this.slicesOf(service, podOf) : []);
    }
    this.dirty.clear();
  }

  public problems(): Problem[] {
    return [...this.faults.values()].flat();
  }

  /** Of a Service that selects its pods, what somebody wrote counts for nothing. */
  private slicesOf(service: Service, podOf: (key: string) => Pod | undefined): EndpointSlice[] {
    if (selectsPods(service)) return endpointSlices(service, this.selected(service, podOf));
    const written = this.endpoints.get(resourceKey(service.metadata.namespace, service.metadata.name));
    return written ? mirroredSlices(written) : [];
  }

  private selected(service: Service, podOf: (key: string) => Pod | undefined): Pod[] {
    return this.pods.select(service.metadata.namespace, service.spec?.selector ?? {}).flatMap((key) => podOf(key) ?? []);
  }

  private write(serviceKey: string, slices: readonly EndpointSlice[]): void {
    const before = this.slices.get(serviceKey);
    const after = new Map(slices.map((slice) => [resourceKey(slice.metadata.namespace, slice.metadata.name), slice]));
    for (const key of before?.keys() ?? []) if (!after.has(key)) this.store.delete(SLICE, key);
    for (const [key, slice] of after) {
      const same = before?.get(key);
      if (same && isDeepStrictEqual(same, slice)) after.set(key, same);
      else this.store.set(slice);
    }
    if (after.size > 0) this.slices.set(serviceKey, after);
    else this.slices.delete(serviceKey);
  }
}
