import type { Claim } from './claim';
import type { GatewayApi } from './gateway-api';
import type { Mesh } from './mesh';
import type { Port } from './port';
import type { RequestMatch } from './request-match';
import type { Rewrite, RouteOptions } from './route-rule';
import type { Tls } from './tls';

/** What a gateway listens for, whoever runs its proxies. */
export interface GatewayListenerProps {
  /**
   * The host it answers for; short for `hosts` with one.
   * @default none: only `tcp` and `tls` can be used
   */
  readonly host?: string;
  /**
   * The hosts it answers for: DNS names, `*.example.com`, or `*` for all.
   * @default none: only `tcp` and `tls` can be used
   */
  readonly hosts?: readonly string[];
  /**
   * The ports for requests: Port.http, Port.http2 or Port.grpc, and Port.https where `tls` is given.
   * @default 80 for HTTP, and 443 for HTTPS if `tls` is given
   */
  readonly ports?: readonly (number | Port)[];
  /**
   * How TLS is ended, or that it goes through: for all hosts, or for each host on its own.
   * @default none: HTTP only
   */
  readonly tls?: Tls | Readonly<Record<string, Tls>>;
  /**
   * Whether requests over HTTP are sent to HTTPS. Writes `tls.httpsRedirect`.
   * @default false: both are answered
   */
  readonly redirectHttp?: boolean;
  /**
   * The mesh, where the gateway is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** What a gateway trusts of those who stand before it. Written as the pods' annotation `proxy.istio.io/config`, fields `gatewayTopology` and `connectionSettings`. */
export interface GatewayTopology {
  /**
   * How many trusted proxies, such as cloud load balancers, add to `x-forwarded-for` before the gateway. Writes `numTrustedProxies`.
   * @default 0: the address of the connection counts
   */
  readonly numTrustedProxies?: number;
  /**
   * Whether connections begin with the PROXY protocol, which says the client's address. Writes `proxyProtocol`.
   * @default false
   */
  readonly proxyProtocol?: boolean;
  /**
   * What happens to `x-forwarded-client-cert`, the header that says which certificate the client showed. Writes `forwardClientCertDetails`.
   * @default Istio's, SANITIZE_SET: it is replaced by what the gateway sees
   */
  readonly forwardClientCertificate?: 'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';
  /**
   * `EDGE`: what Envoy advises for clients that nobody knows. Headers with `_` are refused (400), `//` is one slash, `%2F` is redirected to
   * the plain path, a request may take five minutes to arrive and be silent as long, and each HTTP/2 connection has at most 100 streams and
   * small buffers. Writes `connectionSettings.profile`.
   * @default Istio's, SIDECAR: nothing of that
   */
  readonly connectionProfile?: 'SIDECAR' | 'EDGE';
}

/** The API that a gateway is written in, with what only the Gateway API of Kubernetes needs to know. */
export interface GatewayApiProps {
  /**
   * The API that the gateway and its routes are written in.
   * @default GatewayApi.ISTIO
   */
  readonly api?: GatewayApi;
  /**
   * Whether each version of the services behind the gateway gets a Service of its own. Routes of the Gateway API can only name Services, so
   * canaries need it there.
   * @default false: routes to versions are an error in the Gateway API
   */
  readonly versionServices?: boolean;
}

/** A gateway with proxies of its own. */
export interface GatewayProps extends GatewayListenerProps, GatewayTopology, GatewayApiProps {
  /**
   * The GatewayClass, in the Gateway API: who deploys the gateway. Writes `gatewayClassName`.
   * @default 'istio'
   */
  readonly gatewayClass?: string;
  /**
   * The type of the gateway's Service.
   * @default 'LoadBalancer'
   */
  readonly serviceType?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /**
   * The ports of the nodes, by the gateway's ports: `{ 80: 30080 }`. Writes `nodePort` of the Service's ports.
   * @default Kubernetes chooses
   */
  readonly nodePorts?: Readonly<Record<number, number>>;
  /**
   * Annotations of the Service, which tell clouds what kind of load balancer to make.
   * @default none
   */
  readonly serviceAnnotations?: Readonly<Record<string, string>>;
  /**
   * Whether HTTPS is offered over HTTP/3 as well: the Service gets a UDP port beside each port for HTTPS. Istio listens on it where istiod
   * has `PILOT_ENABLE_QUIC_LISTENERS`.
   * @default false
   */
  readonly http3?: boolean;
  /**
   * How many pods.
   * @default 1
   */
  readonly replicas?: number;
}

/** A gateway whose proxies somebody else runs: `Gateway.fromSelector`. */
export interface SelectedGatewayProps extends GatewayListenerProps {
  /** Labels that its pods have, such as `{ istio: 'ingressgateway' }` for the one that Istio installs. */
  readonly selector: Readonly<Record<string, string>>;
  /**
   * The ServiceAccount of its pods, `NAMESPACE/ACCOUNT`, for policies that let the gateway in.
   * @default not known: policies cannot name the gateway
   */
  readonly serviceAccount?: string;
}

/** A Gateway object that somebody else writes: `Gateway.fromName`. */
export interface NamedGatewayProps extends GatewayApiProps {
  /**
   * Its namespace.
   * @default the namespace of the chart
   */
  readonly namespace?: string;
  /**
   * Those of its hosts that routes are added for.
   * @default none: only `tcp` can be used
   */
  readonly hosts?: readonly string[];
  /**
   * The ServiceAccount of its pods, `NAMESPACE/ACCOUNT`, for policies that let the gateway in.
   * @default not known: policies cannot name the gateway
   */
  readonly serviceAccount?: string;
  /**
   * The mesh, where this is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** Which requests of a gateway go to a service, and how. */
export interface GatewayRoute extends RouteOptions, RequestMatch {
  /**
   * Only requests for this host of the gateway.
   * @default all its hosts
   */
  readonly host?: string;
  /**
   * The port of the service, where it has several.
   * @default its first HTTP port
   */
  readonly servicePort?: number;
  /**
   * Only requests of users whose token says so, all of it. It takes a JwtAuthentication for the gateway. Writes `headers` with the names
   * `@request.auth.claims[…]`.
   * @default whoever asks
   */
  readonly claims?: readonly Claim[];
  /**
   * Changes the path or host before the request is sent on; rules of the service see the changed path.
   * @default nothing
   */
  readonly rewrite?: Rewrite;
}

/** Which calls of gRPC go to a service. */
export interface GrpcGatewayRoute extends Omit<GatewayRoute, 'path' | 'method' | 'rewrite' | 'cors'> {
  /**
   * The gRPC service, with its package: `shop.v1.Cart`.
   * @default every service
   */
  readonly grpcService?: string;
  /**
   * The method; it needs `grpcService`.
   * @default every method of the service
   */
  readonly grpcMethod?: string;
}

/** Where the connections of a port go. */
export interface TcpGatewayRoute {
  /**
   * The port of the service.
   * @default its first port that is not HTTP
   */
  readonly servicePort?: number;
  /**
   * TLS that the gateway ends before it sends the bytes on.
   * @default none
   */
  readonly tls?: Tls;
}

/** Where TLS that goes through leads to. */
export interface TlsGatewayRoute {
  /**
   * The names of the server that clients ask for.
   * @default the gateway's hosts
   */
  readonly hosts?: readonly string[];
  /**
   * The port of the service.
   * @default its first port that is TLS, or else not HTTP
   */
  readonly servicePort?: number;
}
