/** What `sidecar.ts` is given: the words of the Kubernetes API for pods, and how its own containers are to look. Nothing is imported. */

/** A container of a pod, as in the Kubernetes API. */
export interface SidecarContainer {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** The template of a pod (or a Pod), as in the Kubernetes API. */
export interface SidecarPodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly containers?: readonly SidecarContainer[];
    readonly initContainers?: readonly SidecarContainer[];
    readonly volumes?: readonly { readonly name: string }[];
    readonly securityContext?: unknown;
    readonly [field: string]: unknown;
  };
}

/** The object that owns the pods: it becomes `ISTIO_META_WORKLOAD_NAME` and `ISTIO_META_OWNER`. */
export interface SidecarWorkload {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** @default - `default`, as `kubectl apply` would choose */
  readonly namespace?: string;
}

/** What the added containers look like. Annotations of the pod win over these. */
export interface SidecarOptions {
  readonly workload: SidecarWorkload;
  /** @default {@link RUNTIME_IMAGE} */
  readonly image?: string;
  /** @default - Kubernetes' own rule */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** Revision of the control plane (`istio.io/rev`). @default 'default' */
  readonly revision?: string;
  /** Where Envoy gets its configuration, `host:port`. @default 'istiod.istio-system.svc:15012' */
  readonly controlPlaneAddress?: string;
  /** @default 'cluster.local' */
  readonly trustDomain?: string;
  /** @default - the trust domain */
  readonly meshId?: string;
  /** Suffix of all names in the cluster. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** @default 'Kubernetes' */
  readonly clusterId?: string;
  /** Name of the pod's network in a mesh of several. @default - none */
  readonly network?: string;
  /** Worker threads of Envoy. @default 2 */
  readonly concurrency?: number;
  /** Envoy's log level. @default 'warning' */
  readonly logLevel?: string;
  /** Envoy's log level for components, `name:level,…`. @default 'misc:error' */
  readonly componentLogLevel?: string;
  /** The agent's log level, `scope:level,…`. @default 'default:info' */
  readonly agentLogLevel?: string;
}

/** The image of the bundled runtime: control plane, agent and capture. */
export const RUNTIME_IMAGE = 'cdk8s-istio-runtime:0.1.0';

/** Name of the proxy's container, in sidecars and gateways. */
export const PROXY_CONTAINER = 'istio-proxy';

/** Name of the init container that captures the pod's traffic. */
export const CAPTURE_CONTAINER = 'istio-init';

/** The user and group of the proxy, whose own traffic is not captured. */
export const PROXY_UID = 1337;
