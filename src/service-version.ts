import type { IConstruct } from 'constructs';
import type { Machines } from './machines';

/** The value of an environment variable: a text, or a source as in the Kubernetes API. */
export type EnvValue = string | { readonly valueFrom: Readonly<Record<string, unknown>> };

/** A version that the mesh deploys. Writes one Deployment `SERVICE-VERSION`. */
export interface DeployedVersion {
  /** The container image. */
  readonly image: string;
  /**
   * How many pods.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Environment variables of the container.
   * @default none
   */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /**
   * The program in the container, instead of the image's own.
   * @default the image's entrypoint
   */
  readonly command?: readonly string[];
  /**
   * Arguments of the program.
   * @default the image's own
   */
  readonly args?: readonly string[];
  /**
   * CPU and memory, as in the Kubernetes API: `{ requests: { cpu: '100m' } }`.
   * @default none
   */
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> };
  /**
   * The command that `mesh up` runs instead of the image: a list of arguments, or a text for `sh -c`. Paths are relative to the folder of `cdk8s.yaml`.
   * @default the built-in echo server
   */
  readonly local?: string | readonly string[];
  /**
   * Further annotations of the pods, such as `traffic.sidecar.istio.io/excludeOutboundPorts`.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Further labels of the pods.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  readonly workload?: never;
  readonly machines?: never;
}

/** A version that exists already as a construct: a cdk8s-plus Deployment, StatefulSet, DaemonSet or Job of any release, or an ApiObject. */
export interface ExistingVersion {
  /** The workload. It gets the labels, identity and sidecar of the mesh at synth, and keeps every field it has. */
  readonly workload: IConstruct;
  /**
   * The command that `mesh up` runs instead of the first container's image.
   * @default the built-in echo server
   */
  readonly local?: string | readonly string[];
  readonly image?: never;
  readonly machines?: never;
}

/** A version that runs on machines outside of Kubernetes. Writes one WorkloadGroup `SERVICE-VERSION`. */
export interface MachineVersion {
  /** What its machines have in common; `{}` is enough. */
  readonly machines: Machines;
  readonly image?: never;
  readonly workload?: never;
}

/** One version of a service. */
export type VersionProps = DeployedVersion | ExistingVersion | MachineVersion;
