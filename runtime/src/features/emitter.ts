import type {
  AccessLog, Cluster, ClusterHttpProtocolOptions, DownstreamTlsContext, Filter, HttpFilter, Metadata as EndpointMetadata, Route, RouteAction, TcpProxy, TransportSocket,
  WeightedCluster_ClusterWeight,
} from '../envoy';
import type { Attachment, Attachments } from '../model/attachment';
import type { EndpointGroup, Standpoint, TrafficDistribution } from '../model/locality';
import type { MeshSettings } from '../model/mesh';
import type { PeerSettings } from '../model/peer';
import type { Origin, Problem } from '../model/problem';
import type { Protocol } from '../model/protocol';
import type { Destination, HttpRule, WeightedDestination } from '../model/route';
import type { Switches } from '../model/switches';
import type { AppliedPolicies } from '../model/workload-policy';

export interface RouteContext {
  /** The port that the request comes in on. */
  readonly port: number;
  readonly tls: boolean;
  /** Whether requests must stay with the endpoint that the load balancer chose. */
  readonly sticky: boolean;
  /** What holds for rules that do not say otherwise. */
  readonly defaults: Attachments;
  readonly switches: Switches;
  /** A host that is replaced is kept in a header. */
  readonly forwardedHost: boolean;
  clusterOf(destination: Destination): string;
}

/** Who is to be let in, where something is received: by a workload's own proxy, or by a gateway. */
export interface GuardContext {
  readonly side: 'outbound' | 'inbound' | 'edge';
  readonly settings: MeshSettings;
  /** Those of the workload; on its way out there are none. */
  readonly policies: AppliedPolicies;
}

/** Where a workload is called. */
export interface GuardedPort {
  readonly target: number;
  readonly protocol: Protocol;
  /** As callers name it: `web.shop.svc.cluster.local:80`. */
  readonly operation: string;
}

/** What policies are about, all together. */
export interface PolicyContext extends GuardContext {
  /** Those that are known: a workload may listen at others. */
  readonly ports: readonly GuardedPort[];
}

export interface HttpFilterContext extends GuardContext {
  /** Browsers may speak gRPC here, in their way. */
  readonly grpcWeb: boolean;
}

/** What besides a policy decides which endpoints are preferred. */
export interface SpreadContext {
  /** What the rooms read of the mesh's own settings. */
  readonly mesh: Attachments;
  readonly distribution?: TrafficDistribution;
  readonly ownNodeOnly?: boolean;
  /** Whether failing endpoints are taken out: without that, proxies never know when to go elsewhere. */
  readonly ejects: boolean;
}

/** Which endpoints callers prefer. */
export interface Spread {
  /** What asks Envoy to compare where callers and the called stand: it must know the endpoints beside the caller. */
  readonly needsPeers?: Origin;
  /** The caller's labels that make a difference, besides its locality. */
  readonly labels: readonly string[];
  arrange(groups: readonly EndpointGroup[], caller: Standpoint): readonly EndpointGroup[];
}

/** Those who answer for a destination of the mesh. */
export interface DestinationPeers {
  /** What the destination is called in TLS. */
  readonly sni?: string;
  /** The names in their certificates; empty: not known. */
  readonly names: readonly string[];
  /** Which of them take mutual TLS: all, none, or those whose endpoint says so. */
  readonly take: 'all' | 'none' | 'some';
}

/** What besides a policy decides what is spoken to a destination. */
export interface SpokenContext {
  readonly protocol: Protocol;
  /** Whether the caller's own choice goes on where nobody said what the port is. */
  readonly detects: boolean;
  readonly mesh: Attachments;
}

export interface ClusterContext extends SpreadContext {
  /** `inbound`: towards the application behind the proxy. Only limits on connections hold there. */
  readonly direction: 'outbound' | 'inbound';
  readonly protocol: Protocol;
  /** Whether every connection is HTTP/2, whatever callers speak. */
  readonly http2?: boolean;
  /** Whether the host of a request is looked up, and called. */
  readonly looksUpHosts?: boolean;
  /** See `SpokenContext`. */
  readonly detects?: boolean;
  /** The bytes are passed on as they come: TLS of the caller's own is in them. */
  readonly opaque?: boolean;
  /** A file with the authorities that the proxy's system trusts. */
  readonly systemTrust: string;
  /** Whether the rule is for this very proxy, so that Secrets that it names may be asked for. */
  readonly mayUseSecrets: boolean;
  /** What the servers' certificates may be called, unless the policy says. */
  readonly subjectAltNames?: readonly string[];
  readonly peers?: DestinationPeers;
  /** Whether the endpoints are known before anybody calls them, so that they can be probed. */
  readonly checkable?: boolean;
  /** Whether endpoints that are out may be called again when too few are left. */
  readonly panics?: boolean;
}

/** A certificate or an authority of a Kubernetes Secret, as Envoy asks for it: `kubernetes://name`, `kubernetes://name-cacert`. */
export interface SecretRef {
  readonly secret: string;
  readonly part: 'certificate' | 'authority';
}

export interface ClusterFragment {
  readonly cluster?: Cluster;
  /** Packed into the cluster's protocol options, together with what its port's protocol says. */
  readonly http?: ClusterHttpProtocolOptions;
  readonly secrets?: readonly SecretRef[];
}

/** What is inside of TLS, or beside it. */
export type ServerTlsCarries = 'http' | 'http3' | 'bytes';

export interface ServerTlsFragment {
  readonly context: DownstreamTlsContext;
  readonly secrets: readonly SecretRef[];
}

/**
 * How a room writes its data as Envoy configuration. Everything is a fragment that the caller merges: objects by field, lists one after
 * the other. Two rooms never write the same plain field.
 */
export interface Emitter {
  /** Answers requests of the rule instead of forwarding them. */
  answer?(rule: HttpRule, context: RouteContext): Route | undefined;
  /** On every route of the rule. */
  route?(rule: HttpRule): Route;
  /** On how requests of the rule are forwarded. */
  action?(rule: HttpRule, context: RouteContext): RouteAction;
  /** On a route with this one destination. */
  soleDestination?(destination: WeightedDestination): Route;
  /** On one of several destinations. */
  destination?(destination: WeightedDestination): WeightedCluster_ClusterWeight;
  /** What the policy of a destination asks of the routes that go there; undefined: nothing, so that what is said of more counts. */
  towards?(settings: Attachments): RouteAction | undefined;
  /** What the policy of a destination asks of connections that go there. */
  connection?(settings: Attachments): TcpProxy;
  cluster?(settings: Attachments, context: ClusterContext): ClusterFragment;
  /** What goes around the connections of a cluster: undefined, they are plain. */
  transport?(settings: Attachments, inner: TransportSocket | undefined): TransportSocket | undefined;
  /** What of the policy of its own service holds where a proxy receives requests. */
  received?(settings: Attachments): readonly Attachment[];
  /** Whether connections go where the caller wanted to, whoever that is. */
  goesDirect?(settings: Attachments): boolean;
  /** Whether every connection to the destination is HTTP/2, whatever callers speak. */
  speaksHttp2?(settings: Attachments, context: SpokenContext): boolean;
  /** Whether failing endpoints are taken out. */
  ejects?(settings: Attachments): boolean;
  /** Whether they are called again when too few are left. */
  panics?(settings: Attachments): boolean;
  /** Undefined: all endpoints are alike, for every caller. */
  spread?(settings: Attachments, context: SpreadContext): Spread | undefined;
  /** Undefined where it cannot be done. `mesh`: what the rooms read of MeshConfig. */
  serverTls?(settings: Attachments, carries: ServerTlsCarries, mesh: Attachments): ServerTlsFragment | undefined;
  /** Whether callers of a workload with these policies use mutual TLS; undefined: they may. */
  peers?(policies: AppliedPolicies, rootNamespace: string): PeerSettings | undefined;
  /** What the policy of a destination asks of connections in words of its own; undefined: nothing. */
  asksPeer?(settings: Attachments): { readonly mode: string; readonly mutual: boolean } | undefined;
  /** How connections of such callers are ended. */
  peerTls?(settings: MeshSettings): DownstreamTlsContext;
  /** On an endpoint that takes mutual TLS. */
  peerEndpoint?(): EndpointMetadata;
  /** In the order of the list of rooms. */
  readonly httpFilter?: HttpFilter;
  /** The same for filters that some connections have and others do not. */
  httpFilters?(context: HttpFilterContext): readonly HttpFilter[];
  /** In the order of the list of rooms, before whatever forwards a connection that is not HTTP. */
  connectionFilters?(context: GuardContext): readonly Filter[];
  /** What cannot be meant of the policies of a workload taken together, although each by itself is right. */
  doubts?(context: PolicyContext): readonly Problem[];
  /** `refused`: connections that no filter chain wants. */
  accessLog?(settings: MeshSettings, of: 'requests' | 'refused'): readonly AccessLog[];
}
