import type { WorkloadEntrySpec, WorkloadEntryStatus } from '../../../../imports/istio/workload-entry.types';
import type { Endpoint } from '../../model/endpoint';
import { ALL_PORTS } from '../../model/endpoint';
import { withTopology } from '../../model/locality';
import type { Place as PlaceType } from '../../model/place';
import { Place } from '../../model/place';
import { TLS_MODE_LABEL, takesMutualTls } from '../../model/peer';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { Service } from '../../model/service';
import { isDns } from '../../model/service';
import type { WorkloadEntry } from '../../model/workload-entry';
import { selects } from '../../model/workload';
import { isDirect } from './endpoints';
import { ownLocality } from './topology';

/** Set by whoever registers a workload with a probe: until the first probe succeeds, nobody is sent there. */
const HEALTH_CHECKED = 'proxy.istio.io/health-checks-enabled';

/** A workload outside of Kubernetes: an endpoint for every service that selects its labels. */
export function readWorkloadEntry(resource: Resource, place: PlaceType): readonly WorkloadEntry[] {
  const spec = (resource.spec ?? {}) as WorkloadEntrySpec;
  const { namespace, labels = {}, annotations = {} } = resource.metadata;
  if (!spec.address) {
    place.at('spec').at('address').problem('is missing: a workload is reached at its address, for there is no other network with a gateway to it');
    return [];
  }
  // Labels of the object itself go before those of its spec, as in Istio.
  const endpoint = readWorkload({ ...spec, labels: { ...spec.labels, ...labels } }, namespace);
  const ready = annotations[HEALTH_CHECKED] !== 'true' || isHealthy(resource.status as WorkloadEntryStatus | undefined);
  return [{ resource: refOf(resource), namespace, endpoint: { ...endpoint, ready, ...(!ready && { leaving: true }) } }];
}

/** The fields that a WorkloadEntry and an endpoint of a ServiceEntry have in common. */
export function readWorkload(spec: WorkloadEntrySpec, namespace: string): Endpoint {
  const labels = spec.labels ?? {};
  const locality = spec.locality || ownLocality(labels);
  return {
    address: spec.address ?? '',
    ports: spec.ports ?? {},
    labels: withTopology(labels, locality, { network: spec.network }),
    ready: true,
    ...(locality && { locality }),
    weight: spec.weight || undefined,
    ...(spec.serviceAccount && { identity: { namespace, serviceAccount: spec.serviceAccount } }),
    // Who has an account has a proxy, unless the label denies it.
    ...((TLS_MODE_LABEL in labels ? takesMutualTls(labels) : spec.serviceAccount) && { mutualTls: ALL_PORTS }),
  };
}

function isHealthy(status: WorkloadEntryStatus | undefined): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Healthy' && value === 'True') ?? false;
}

/** Endpoints are addresses, unless whoever selects them looks names up. */
export function readUnusableNames(entries: readonly WorkloadEntry[], services: readonly Service[]): Problem[] {
  const problems: Problem[] = [];
  for (const { resource, namespace, endpoint } of entries.filter((one) => !isDirect(one.endpoint.address))) {
    const selecting = services.find((one) => one.namespace === namespace && one.selector && !isDns(one.resolution) && selects(one.selector, endpoint.labels));
    if (selecting) {
      const { kind, name } = selecting.resource;
      Place.of(resource, problems).at('spec').at('address').problem(
        `'${endpoint.address}' is a name, but ${kind} ${name}, which selects it, does not look names up: give an IP address, or resolution DNS there`);
    }
  }
  return problems;
}
