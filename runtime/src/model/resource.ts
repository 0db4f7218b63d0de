import type { ResourceRef } from './problem';

/** An object of the Kubernetes API as it came from a source: parsed, not yet read. Never mutated once it is in a Snapshot. */
export interface Resource<Spec = unknown, Status = unknown> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: Spec;
  readonly status?: Status;
  /** Kinds without a spec keep their fields here: Secret and ConfigMap `data`, EndpointSlice `endpoints` and `ports` … */
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  /** Always set for namespaced kinds (`default` where the user left it out); empty for cluster-scoped ones. */
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
}

export function refOf({ kind, metadata: { namespace, name } }: Resource): ResourceRef {
  return { kind, namespace, name };
}
