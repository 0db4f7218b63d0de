import type { Attachments } from './attachment';
import type { DestinationRule } from './cluster';
import type { Endpoint } from './endpoint';
import type { Gateway, OutboundTrafficPolicy, Sidecar } from './listener';
import type { KeySource } from './key-set';
import type { Standpoint } from './locality';
import type { Problem } from './problem';
import type { ProxyConfig } from './proxy-config';
import type { ProxySettings } from './proxy-settings';
import type { VirtualService } from './route';
import type { Service } from './service';
import type { ObjectStatus } from './status';
import type { Switches } from './switches';
import type { Labels } from './workload';
import type { WorkloadPolicy } from './workload-policy';

export const ROOT_NAMESPACE = 'istio-system';

/** What is done to paths before rules see them; each does what those before it do, too. */
export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

/** Namespaces by their labels, as Kubernetes writes it. */
export interface NamespaceSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** Settings of the whole mesh, from MeshConfig. Durations in milliseconds. */
export interface MeshSettings {
  readonly rootNamespace: string;
  /** What the names in certificates of the mesh begin with. */
  readonly trustDomain: string;
  /** Other such names that stand for the same mesh: what it was called before, or what another part of it is called. */
  readonly trustDomainAliases: readonly string[];
  /** Whose certificates workloads take beside those of the mesh. */
  readonly foreignRoots: ForeignRoots;
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
  readonly connectTimeout: number;
  readonly protocolDetectionTimeout: number;
  readonly dnsRefreshRate: number;
  /** Who sees Services and ServiceEntries, and VirtualServices, that do not say so themselves; undefined: everybody. */
  readonly exportedTo: { readonly services?: readonly string[]; readonly virtualServices?: readonly string[] };
  /** Whether DestinationRules without `exportTo` are for their own namespace only. */
  readonly privateRules: boolean;
  /** Only what is in namespaces that one of them selects counts; none: everything. */
  readonly discoverySelectors: readonly NamespaceSelector[];
  readonly ingress: IngressSettings;
  /** What the rooms do on routes and towards destinations that do not say otherwise: what they read of MeshConfig. */
  readonly features: Attachments;
  /** What holds for every destination whose rule has no such block of its own. */
  readonly defaultPolicy: Attachments;
  /** Empty: nothing is logged. */
  readonly accessLogFile: string;
  readonly accessLogFormat?: string;
  readonly accessLogEncoding: 'TEXT' | 'JSON';
  /** Whether connections that no filter chain of a listener wants are logged. */
  readonly listenerLog: boolean;
  readonly pathNormalization: PathNormalization;
  /** Where the application is called: at the pod's own address, or at 127.0.0.1. */
  readonly inboundMode: 'PASSTHROUGH' | 'LOCALHOST';
  /** Patterns by which statistics of clusters are called, such as `%SERVICE%_%SERVICE_PORT%`. */
  readonly statNames: { readonly inbound?: string; readonly outbound?: string };
  /** Those of the control plane's environment. */
  readonly switches: Switches;
  /** What proxies are told by default, in the words of MeshConfig. */
  readonly defaultConfig?: Readonly<Record<string, unknown>>;
  /** That of most proxies; where a proxy has others, it is compiled with settings that hold those. */
  readonly proxy: ProxySettings;
}

/** Authorities of others that workloads trust beside their own: meshes with which this one shares calls. */
export interface ForeignRoots {
  /** PEM, one certificate each. */
  readonly pems: readonly string[];
  /** SPIFFE bundles, which the control plane looks at again and again. */
  readonly bundles: readonly string[];
}

/** Which Kubernetes Ingresses are ours, and which pods serve them. */
export interface IngressSettings {
  /** `STRICT`: those that name our class; `DEFAULT`: those that name none too. */
  readonly mode: 'OFF' | 'DEFAULT' | 'STRICT';
  /** Of the annotation `kubernetes.io/ingress.class`. */
  readonly className: string;
  readonly selector: Labels;
}

/** Everything that is known of the mesh, read and indexed: the same for all proxies. */
export interface Mesh {
  readonly settings: MeshSettings;
  /** Oldest first. */
  readonly services: readonly Service[];
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>;
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly gateways: readonly Gateway[];
  readonly sidecars: readonly Sidecar[];
  /** Oldest first. */
  readonly proxyConfigs: readonly ProxyConfig[];
  /** What workloads let in; of each kind the oldest first. */
  readonly policies: readonly WorkloadPolicy[];
  /** Public keys of issuers that the control plane is to fetch. */
  readonly wantedKeys: readonly KeySource[];
  /** Hosts of services that policies send proxies to, whatever their Sidecars let them see; the same list as long as they are. */
  readonly linkedHosts: readonly string[];
  readonly endpoints: EndpointIndex;
  readonly places: PlaceIndex;
  readonly secrets: SecretIndex;
  /** What rooms read of the objects for which they act on finished resources, by `group/Kind`. */
  readonly finishing: ReadonlyMap<string, readonly object[]>;
  readonly problems: readonly Problem[];
  /** What the controllers of the Gateway API say of its objects; found out when somebody asks. */
  readonly statuses: () => readonly ObjectStatus[];
}

/** The addresses behind the services. */
export interface EndpointIndex {
  of(service: Service): readonly Endpoint[];
}

/** Where pods stand. */
export interface PlaceIndex {
  of(namespace: string, pod: string): Standpoint | undefined;
}

/** Certificates and keys by `namespace/name`. */
export interface SecretIndex {
  get(namespace: string, name: string): SecretData | undefined;
  /** Authorities may stand in a ConfigMap too. */
  configMap(namespace: string, name: string): SecretData | undefined;
}

export interface SecretData {
  /** Decoded entries, such as `tls.crt`. */
  readonly entries: ReadonlyMap<string, Uint8Array>;
}
