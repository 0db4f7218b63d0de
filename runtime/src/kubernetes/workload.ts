import type { Metadata, Resource } from '../model/resource';

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: { readonly name?: string; readonly key: string; readonly optional?: boolean };
    readonly secretKeyRef?: { readonly name?: string; readonly key: string; readonly optional?: boolean };
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly ContainerPort[];
  /** `Always` on an init container makes it a native sidecar. */
  readonly restartPolicy?: string;
  readonly [field: string]: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly serviceAccountName?: string;
  readonly hostNetwork?: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly nodeName?: string;
  readonly volumes?: readonly { readonly name: string }[];
  readonly [field: string]: unknown;
}

export interface PodTemplate {
  readonly metadata?: Partial<Metadata>;
  readonly spec: PodSpec;
}

export interface PodStatus {
  readonly phase: string;
  readonly podIP: string;
  readonly podIPs: readonly { readonly ip: string }[];
  readonly hostIP: string;
  readonly conditions: readonly { readonly type: string; readonly status: 'True' | 'False' }[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

export interface PodMetadata extends Metadata {
  /** Equal as long as the pod is the same pod: another template means another uid. */
  readonly uid: string;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** A pod as it stands in a Snapshot: injected, with an address. */
export interface Pod extends Resource<PodSpec, PodStatus> {
  readonly metadata: PodMetadata;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

/** The spec of a Deployment, ReplicaSet, StatefulSet, DaemonSet or Job: what makes its pods. */
export interface WorkloadSpec {
  readonly template: PodTemplate;
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly replicas?: number;
  /** StatefulSet: the headless Service that names the pods. */
  readonly serviceName?: string;
  /** StatefulSet: the number of the first pod. */
  readonly ordinals?: { readonly start?: number };
  /** Job: how many pods at a time. */
  readonly parallelism?: number;
}

export type Workload = Resource<WorkloadSpec>;
