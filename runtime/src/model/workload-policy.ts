import type { Attachments } from './attachment';
import type { ResourceRef } from './problem';
import type { Labels } from './workload';

/** Kinds of `security.istio.io` that say what workloads let in. */
export type PolicyKind = 'PeerAuthentication' | 'RequestAuthentication' | 'AuthorizationPolicy';

export const POLICY_KINDS: readonly PolicyKind[] = ['PeerAuthentication', 'RequestAuthentication', 'AuthorizationPolicy'];

/** An object that a policy names instead of labels: the pods that serve a Gateway of the Gateway API. */
export interface PolicyTarget {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** What some workloads let in: a PeerAuthentication, a RequestAuthentication or an AuthorizationPolicy. */
export interface WorkloadPolicy {
  readonly kind: PolicyKind;
  readonly resource: ResourceRef;
  readonly namespace: string;
  /** Labels of the workloads; undefined: all of the namespace, of the root namespace all of the mesh. */
  readonly selector?: Labels;
  /** Empty: it is labels that select. */
  readonly targets: readonly PolicyTarget[];
  /** What the rooms read. */
  readonly features: Attachments;
  readonly created: string;
}

/** Oldest first, those of the root namespace before all others. */
export type AppliedPolicies = readonly WorkloadPolicy[];

export const NO_POLICIES: AppliedPolicies = [];
