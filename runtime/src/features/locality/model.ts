import { key } from '../../model/attachment';
import type { Origin } from '../../model/problem';

export interface Failover {
  readonly from: string;
  readonly to: string;
}

/** Shares for callers of one place: `region/zone/sub-zone`, of which the end may be `*` or left out. */
export interface Distribution {
  readonly from: string;
  readonly to: readonly { readonly locality: string; readonly weight: number }[];
}

/** How callers choose among localities themselves. */
export interface LocalityBalancing {
  readonly kind: 'locality';
  readonly enabled: boolean;
  readonly distribute: readonly Distribution[];
  /** Undefined: nothing is said, which is not the same as a list of which nothing is left. */
  readonly failover?: readonly Failover[];
  readonly failoverPriority?: readonly string[];
}

/** How Envoy chooses among the zones of a region, by how many callers and endpoints each has. */
export interface ZoneAwareBalancing {
  readonly kind: 'zone-aware';
  readonly enabled: boolean;
  readonly failover: readonly Failover[];
  readonly failoverPriority: readonly string[];
  readonly minClusterSize?: number;
  readonly origin: Origin;
}

/** Undefined as a value: the policy has a load balancer, which says nothing about localities. */
export const localityBalancing = key<LocalityBalancing | ZoneAwareBalancing | undefined>('localityBalancing');
