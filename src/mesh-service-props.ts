import type { Capture } from './capture';
import type { HealthCheck } from './health-check';
import type { Mesh } from './mesh';
import type { ICallable, IMeshService, ServiceVersion } from './mesh-member';
import type { Port } from './port';
import type { VersionProps } from './service-version';

/** A port, HTTP unless told otherwise, or several. */
export type Ports = number | Port | readonly (number | Port)[];

/** A service of the mesh. */
export interface MeshServiceProps<V extends string> {
  /** The versions, by name. Each becomes a Deployment, the labels of its pods and a subset, together. */
  readonly versions: Readonly<Record<V, VersionProps>>;
  /** The port, or several. Their names and `appProtocol` are written for you. */
  readonly port: Ports;
  /**
   * The services and external services that this one calls. Writes a Sidecar, so that its proxies know of nothing else; `[]` means it calls
   * nobody. `call` adds more later, also in cycles.
   * @default no Sidecar: everything in the mesh can be reached, as in Istio
   */
  readonly calls?: readonly ICallable[];
  /**
   * Services of other repositories that call this one. It matters with `Access.DECLARED` only, which knows of the others by their `calls`.
   * @default none
   */
  readonly callers?: readonly (IMeshService | ServiceVersion)[];
  /**
   * The ServiceAccount of its pods, which is what certificates and policies know them by. Several services of a namespace may share one.
   * @default named as the service
   */
  readonly serviceAccount?: string;
  /**
   * Whether each version has a ServiceAccount of its own, `ACCOUNT-VERSION`, so that policies can tell versions apart: policies see accounts,
   * never labels.
   * @default false: all versions share one
   */
  readonly accountPerVersion?: boolean;
  /**
   * Whether its pods have a proxy. Without one they are as any other program: they speak plainly, are known to nobody by name, and no policy
   * protects them. Writes the pods' label `sidecar.istio.io/inject`.
   * @default true
   */
  readonly proxy?: boolean;
  /**
   * Which connections of its pods go through their proxies, field by field instead of what the mesh says.
   * @default what the mesh says
   */
  readonly capture?: Capture;
  /**
   * Probes by the proxies of its callers, besides those of Kubernetes.
   * @default none
   */
  readonly healthCheck?: HealthCheck;
  /**
   * The mesh, where the service is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** A service that another repository owns. */
export interface NamedServiceProps<W extends string> {
  /** Its port, or several. */
  readonly port: Ports;
  /**
   * Its namespace.
   * @default the namespace of the chart
   */
  readonly namespace?: string;
  /**
   * The names of its versions: the subsets of its DestinationRule, and the values of its pods' label `version`.
   * @default none: only the whole service can be called
   */
  readonly versions?: readonly W[];
  /**
   * The ServiceAccount of its pods, for policies that let it in.
   * @default named as the service
   */
  readonly serviceAccount?: string;
  /**
   * Whether each of its versions has a ServiceAccount of its own, `ACCOUNT-VERSION`.
   * @default false
   */
  readonly accountPerVersion?: boolean;
  /**
   * The mesh, where this is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** A service whose pods somebody else deploys. */
export interface SelectedServiceProps<W extends string> {
  /** Its port, or several. */
  readonly port: Ports;
  /** Labels that all its pods have. */
  readonly selector: Readonly<Record<string, string>>;
  /**
   * The names of its versions: the values of its pods' label `version`.
   * @default none: only the whole service can be called
   */
  readonly versions?: readonly W[];
  /**
   * The services and external services that it calls, as in {@link MeshServiceProps.calls}.
   * @default no Sidecar
   */
  readonly calls?: readonly ICallable[];
  /**
   * The ServiceAccount of its pods, for policies that let it in.
   * @default not known: policies cannot name the service
   */
  readonly serviceAccount?: string;
  /**
   * Whether each of its versions has a ServiceAccount of its own, `ACCOUNT-VERSION`.
   * @default false
   */
  readonly accountPerVersion?: boolean;
  /**
   * The mesh, where the service is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}
