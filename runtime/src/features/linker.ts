import type { KeySet, KeySource } from '../model/key-set';
import type { Attachment } from '../model/attachment';
import type { MeshSettings } from '../model/mesh';
import type { Place } from '../model/place';
import type { WorkloadPolicy } from '../model/workload-policy';

/** Something outside of its object that a policy needs: public keys, or the cluster of a service (`host`, `namespace/host`). */
export type Reference =
  | { readonly kind: 'keys'; readonly source: KeySource }
  | { readonly kind: 'cluster'; readonly service: string; readonly port: number };

/** What there is of it; of a cluster that is not there, a sentence says why. */
export type Found = KeySet | FoundCluster | undefined;

export interface FoundCluster {
  readonly host: string;
  /** Undefined: there is none. */
  readonly cluster?: string;
  readonly fault?: string;
}

/**
 * How a room completes a policy with what other objects say. Policies that refer to nothing stay as they were read, and so do those for which
 * all that they refer to is as before.
 */
export interface Linker {
  /** Undefined: the policy is none of the room's. */
  refers(policy: WorkloadPolicy, settings: MeshSettings): readonly Reference[] | undefined;
  /** @param found in the order of the references */
  link(policy: WorkloadPolicy, found: readonly Found[], context: { readonly settings: MeshSettings; readonly place: Place }): readonly Attachment[];
}
