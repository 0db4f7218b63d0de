import type { Endpoint } from './endpoint';
import type { Labels } from './workload';

/** Labels that tell where something stands; https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/ */
export const REGION_LABEL = 'topology.kubernetes.io/region';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const SUBZONE_LABEL = 'topology.istio.io/subzone';
export const NETWORK_LABEL = 'topology.istio.io/network';
export const HOSTNAME_LABEL = 'kubernetes.io/hostname';

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/** `region/zone/sub-zone`; what is left out at the end is not known. */
export function parseLocality(text: string): Locality {
  const [region = '', zone = '', subZone = ''] = text.split('/');
  return { region, zone, subZone };
}

/** Where a proxy or an endpoint stands: its locality, and its labels together with those of its node. */
export interface Standpoint {
  readonly locality: string;
  readonly labels: Labels;
}

/** The labels that Istio adds to those of a workload, so that rules can compare where workloads stand. */
export function withTopology(labels: Labels, locality: string, more: { readonly node?: string; readonly network?: string } = {}): Labels {
  const { region, zone, subZone } = parseLocality(locality);
  const network = labels[NETWORK_LABEL] ? undefined : more.network;
  if (!region && !zone && !subZone && !more.node && !network) {
    return labels;
  }
  return {
    ...labels,
    ...(region && { [REGION_LABEL]: region }),
    ...(zone && { [ZONE_LABEL]: zone }),
    ...(subZone && { [SUBZONE_LABEL]: subZone }),
    ...(more.node && { [HOSTNAME_LABEL]: more.node }),
    ...(network && { [NETWORK_LABEL]: network }),
  };
}

/** What a Kubernetes Service asks of its callers: endpoints of their own zone, or of their own node, before others. */
export type TrafficDistribution = 'zone' | 'node';

/** Endpoints of one cluster in one locality that are equally preferred: the lowest priority first, shares by weight. */
export interface EndpointGroup {
  readonly locality: string;
  readonly endpoints: readonly Endpoint[];
  readonly priority: number;
  readonly weight: number;
}
