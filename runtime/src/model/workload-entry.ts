import type { Endpoint } from './endpoint';
import type { ResourceRef } from './problem';

/** A workload outside of Kubernetes. */
export interface WorkloadEntry {
  readonly resource: ResourceRef;
  readonly namespace: string;
  readonly endpoint: Endpoint;
}
