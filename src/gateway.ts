import type { ApiObject } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { GatewayApi } from './gateway-api';
import type { GatewayProps, GatewayRoute, GrpcGatewayRoute, NamedGatewayProps, SelectedGatewayProps, TcpGatewayRoute, TlsGatewayRoute } from './gateway-props';
import { Header } from './header';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import type { ICallable } from './mesh-member';
import type { MergedVirtualService } from './merged-object';
import { Path } from './path';
import type { Account } from './private/accounts';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { DeclaredAccess } from './private/declared-access';
import { GatewayHosts } from './private/gateway-hosts';
import { GatewayListeners, isAboutRequests, type ConnectionTarget } from './private/gateway-listeners';
import { GatewayWorkload } from './private/gateway-workload';
import { IstioWriter, type GatewayWriter } from './private/gateway-writer';
import { claimService } from './private/host-claims';
import { KubernetesWriter } from './private/kubernetes-writer';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkHost, checkLabel, checkNamespace, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import type { PodPorts } from './private/pod-ports';
import type { Selection } from './private/policy-place';
import { hasPrefix } from './private/rewritten';
import { servicePortOf, type Traffic } from './private/service-port';
import type { RequestMatch } from './request-match';
import type { Redirect } from './route-rule';

/** What the makers tell the constructor beyond the props that everybody sees. */
const ORIGIN = Symbol('origin');
interface Origin {
  readonly [ORIGIN]?:
    | { readonly kind: 'named'; readonly name: string; readonly namespace: string }
    | { readonly kind: 'selected'; readonly selector: Readonly<Record<string, string>> };
}

/**
 * An entrance to the mesh. Writes the proxies (Deployment, Service, ServiceAccount named as the gateway), a Gateway, and a VirtualService in
 * which each route is continued by the rules of its service, so that canaries and faults work through the edge too.
 *
 * @example
 * const edge = new Gateway(mesh, 'edge', { host: 'bookinfo.example.com' });
 * edge.route(productpage, { path: [Path.exact('/productpage'), Path.prefix('/static')] });
 */
export class Gateway extends Construct {
  /**
   * A gateway on proxies that somebody else runs, such as the ingress gateway that Istio installs. Writes the Gateway and the VirtualServices,
   * no proxies; ports must be open in the Service of those proxies, and certificates lie in their namespace.
   *
   * @example
   * const shared = Gateway.fromSelector(mesh, 'shop', { selector: { istio: 'ingressgateway' }, host: 'shop.example.com' });
   * shared.route(web);
   * @throws {@link MeshError} `duplicate-host` if another gateway on the same proxies answers for a host, `invalid-value` for an empty selector
   */
  public static fromSelector(scope: Construct, id: string, props: SelectedGatewayProps): Gateway {
    const { selector, ...others } = props;
    return new Gateway(scope, id, { ...others, [ORIGIN]: { kind: 'selected', selector } } as GatewayProps);
  }

  /**
   * A Gateway object that somebody else writes. Writes VirtualServices for it only.
   *
   * @example
   * Gateway.fromName(mesh, 'public', { namespace: 'istio-system', hosts: ['shop.example.com'] }).route(web);
   * @throws {@link MeshError} `invalid-name`, `duplicate-host` if its routes for a host are declared elsewhere
   */
  public static fromName(scope: Construct, name: string, props: NamedGatewayProps = {}): Gateway {
    const { namespace = namespaceOf(scope), ...others } = props;
    const id = scope.node.tryFindChild(name) === undefined ? name : `${name}.${namespace}`;
    return new Gateway(scope, id, { ...others, [ORIGIN]: { kind: 'named', name, namespace } } as GatewayProps);
  }

  /** The name of the Gateway and its workload. */
  public readonly name: string;
  /** The namespace of both. */
  public readonly namespace: string;
  /** The hosts it answers for. */
  public readonly hosts: readonly string[];

  private readonly listeners: GatewayListeners;
  private readonly routes: GatewayHosts;
  private readonly calls: GatewayHosts;
  private readonly writer: GatewayWriter;
  private readonly api: GatewayApi;
  private readonly resource?: ApiObject;
  private readonly origin: Origin[typeof ORIGIN];
  private readonly mesh: Mesh;
  private readonly gatewayClass: string;
  private readonly givenAccount?: string;

  /**
   * @throws {@link MeshError} `invalid-name`, `duplicate-name` if a service is called so, `invalid-value` for `redirectHttp` without `tls`,
   * and for ports and certificates that do not fit together
   */
  public constructor(scope: Construct, id: string, props: GatewayProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    this.mesh = mesh;
    this.gatewayClass = props.gatewayClass ?? 'istio';
    this.givenAccount = (props as Partial<SelectedGatewayProps>).serviceAccount;
    this.origin = (props as Origin)[ORIGIN];
    const named = this.origin?.kind === 'named' ? this.origin : undefined;
    this.name = checkLabel(named?.name ?? id, 'gateway name', this);
    this.namespace = named === undefined ? namespaceOf(this) : checkNamespace(named.namespace, this);
    this.hosts = [...(props.host === undefined ? [] : [props.host]), ...(props.hosts ?? [])].map((host) => checkHost(host, this));
    this.claimHosts();
    this.listeners = new GatewayListeners(this, { ...props, hosts: this.hosts });
    this.api = props.api ?? GatewayApi.ISTIO;
    this.writer = this.createWriter(props, named === undefined);
    this.routes = new GatewayHosts({ construct: this, name: this.name, hosts: this.hosts, write: (routes) => this.writer.routes(routes) });
    this.calls = this.api === GatewayApi.ISTIO ? this.routes : new GatewayHosts({
      construct: this, name: this.name, hosts: this.hosts, write: (routes) => this.writer.routes({ ...routes, grpc: true }),
    });
    AppRegistry.of(this).first(`gateway ${this.reference}`, this);
    AppRegistry.of(this).gateways.add(this);
    if (named === undefined) {
      mesh.joinNamespace(this.namespace, this);
      this.resource = this.createGateway(mesh, props);
      if (mesh.declaresAccess && this.origin === undefined) {
        new DeclaredAccess(this, 'access').ofGateway(this);
      }
    }
  }

  /**
   * The Gateway object, an ordinary ApiObject.
   * @throws {@link MeshError} `unknown-host` where somebody else writes it
   */
  public get gateway(): ApiObject {
    if (this.resource === undefined) {
      throw new MeshError({ construct: this, code: 'unknown-host', problem: `Gateway ${this.reference} is written elsewhere`, fix: 'change it there' });
    }
    return this.resource;
  }

  /**
   * The VirtualService for the routes of all hosts. Asking for it writes it, even without routes.
   * @throws {@link MeshError} `inexpressible-feature` with `api: GatewayApi.KUBERNETES`, which has HTTPRoutes instead
   */
  public get virtualService(): MergedVirtualService {
    const { object } = this.routes;
    if (this.api === GatewayApi.KUBERNETES) {
      throw new MeshError({ construct: this, code: 'inexpressible-feature', problem: 'has no VirtualService in the Gateway API', fix: 'use `routeObject`, its HTTPRoute' });
    }
    return object as MergedVirtualService;
  }

  /** The object with the routes of all hosts: a VirtualService, or an HTTPRoute of the Gateway API. Asking for it writes it. */
  public get routeObject(): ApiObject {
    return this.routes.object;
  }

  /**
   * Sends requests to a service: those that the route describes, or all that no other route takes. The most specific route comes first.
   *
   * @example
   * edge.route(cart, { path: Path.prefix('/cart'), rewrite: { prefix: '/' } });
   * edge.route(web);
   * @throws {@link MeshError} `missing-listener` if the gateway does not listen for such requests, `unreachable-rule`, `inexpressible-match`
   */
  public route(service: ICallable, route: GatewayRoute = {}): this {
    checkReference(service, 'the service', this);
    const { rewrite } = route;
    if (rewrite !== undefined && 'prefix' in rewrite && !hasPrefix(route)) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: '`rewrite.prefix` replaces the prefix that matched, and the route matches none',
        fix: 'give the route a path: Path.prefix(…), or use `rewrite.path` to replace the whole path',
      });
    }
    this.addRoute(this.routes, service, route);
    return this;
  }

  /**
   * Sends calls of gRPC to a service: those of one gRPC service or method, or all.
   *
   * @example
   * edge.grpc(cart, { grpcService: 'shop.v1.Cart' });
   * @throws {@link MeshError} as {@link Gateway.route}, `invalid-value` for a method without its service
   */
  public grpc(service: ICallable, route: GrpcGatewayRoute = {}): this {
    const { grpcService, grpcMethod, ...others } = route;
    if (grpcService === undefined && grpcMethod !== undefined) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: `grpcMethod ${grpcMethod} is of no service`, fix: 'give `grpcService` too, with its package: \'shop.v1.Cart\'',
      });
    }
    const path = grpcService === undefined ? undefined : grpcMethod === undefined ? Path.prefix(`/${grpcService}/`) : Path.exact(`/${grpcService}/${grpcMethod}`);
    checkReference(service, 'the service', this);
    this.addRoute(this.calls, service, { ...others, path });
    return this;
  }

  /**
   * Answers requests by sending the client elsewhere.
   *
   * @example
   * edge.redirect({ path: Path.exact('/') }, { path: '/productpage' });
   * @throws {@link MeshError} `missing-listener`, `unreachable-rule`
   */
  public redirect(match: RequestMatch & { readonly host?: string }, redirect: Redirect): this {
    this.checkListener(match.host);
    this.routes.add(match.host, { match: matchOf(match), redirect });
    return this;
  }

  /**
   * Sends the connections of a port to a service, in the shares that the service's rules say. The port is opened for it.
   *
   * @example
   * edge.tcp(31400, tcpEcho);
   * @throws {@link MeshError} `missing-listener` if the gateway uses the port for requests, `invalid-value`
   */
  public tcp(port: number, service: ICallable, options: TcpGatewayRoute = {}): this {
    checkReference(service, 'the service', this);
    checkWhole(port, 'port', this, { min: 1, max: 65535 });
    this.declareCall(service);
    const target = this.targetOf(service, 'connections', options.servicePort);
    this.writer.admit(service, 'TCPRoute');
    if (options.tls?.terminates === false) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'TLS goes through by the name of the server', fix: 'use `tls(port, service)`' });
    }
    const mongo = service.ports.find(({ number }) => number === target.port)?.protocol === 'mongo';
    this.listeners.openTcp({ number: port, protocol: mongo ? 'mongo' : 'tcp', tls: options.tls, target });
    this.writer.connections('tcp');
    return this;
  }

  /**
   * Lets TLS through to a service that ends it itself, by the name of the server that clients ask for. The port is opened for it.
   *
   * @example
   * edge.tls(443, web, { hosts: ['bank.example.com'] });
   * @throws {@link MeshError} `missing-listener` if the gateway uses the port or the host otherwise, `invalid-value`
   */
  public tls(port: number, service: ICallable, options: TlsGatewayRoute = {}): this {
    checkReference(service, 'the service', this);
    checkWhole(port, 'port', this, { min: 1, max: 65535 });
    const hosts = (options.hosts ?? this.hosts).map((host) => checkHost(host, this));
    if (hosts.length === 0) {
      throw new MeshError({
        construct: this, code: 'missing-listener', problem: 'there is TLS for no host', fix: 'give the gateway `hosts`, or the route, or use `tcp` for whatever comes',
      });
    }
    this.declareCall(service);
    this.listeners.openTls({ number: port, hosts, target: this.targetOf(service, 'tls', options.servicePort) });
    this.writer.admit(service, 'TLSRoute');
    this.writer.connections('tls');
    return this;
  }

  /** The ports that its pods listen on. @internal */
  public get podPorts(): PodPorts {
    const listeners = this.listeners.listeners();
    const numbers = (wanted: boolean) => [...new Set(listeners.filter((listener) => isAboutRequests(listener) === wanted).map(({ number }) => number))];
    return { requests: numbers(true), connections: numbers(false) };
  }

  /** Where policies for it stand, and how they name it. @internal */
  public policyPlace(asker: Construct): { readonly namespace: string; readonly selection: Selection } {
    const { origin, name, namespace } = this;
    if (this.api === GatewayApi.KUBERNETES) {
      return { namespace, selection: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name }] } };
    }
    if (origin?.kind === 'named') {
      throw new MeshError({
        construct: asker, code: 'inexpressible-feature', problem: `which pods are behind Gateway ${this.reference} is not known: somebody else writes it`,
        fix: 'use Gateway.fromSelector, which says so, or declare the policy where the gateway is declared',
      });
    }
    // Proxies of somebody else may be in any namespace: policies of the root namespace find them by their labels.
    return origin === undefined ? { namespace, selection: { selector: { matchLabels: GatewayWorkload.labels(name) } } }
      : { namespace: this.mesh.controlPlaneNamespace, selection: { selector: { matchLabels: origin.selector } } };
  }

  /** What its pods are known by. @internal */
  public accountFor(asker: IConstruct): Account {
    const { name, namespace, origin, givenAccount } = this;
    if (givenAccount !== undefined) {
      const [first, second] = givenAccount.split('/');
      return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
    }
    if (origin !== undefined) {
      throw new MeshError({
        construct: asker, code: 'invalid-value', problem: `the service account of gateway ${name} is not known, because somebody else runs its proxies`,
        fix: 'give the gateway `serviceAccount`: \'istio-system/istio-ingressgateway-service-account\' for the one that Istio installs',
      });
    }
    return { namespace, name: this.api === GatewayApi.KUBERNETES ? `${name}-${this.gatewayClass}` : name };
  }

  /** Labels of its pods, and their namespace where it is known. @internal */
  public get pods(): { readonly namespace?: string; readonly labels: Readonly<Record<string, string>> } | undefined {
    const { origin, name, namespace } = this;
    if (this.api === GatewayApi.KUBERNETES) {
      return { namespace, labels: { 'gateway.networking.k8s.io/gateway-name': name } };
    }
    return origin === undefined ? { namespace, labels: GatewayWorkload.labels(name) } : origin.kind === 'selected' ? { labels: origin.selector } : undefined;
  }

  /** `NAMESPACE/NAME`, as VirtualServices name it. */
  private get reference(): string {
    return `${this.namespace}/${this.name}`;
  }

  private createWriter(props: GatewayProps, own: boolean): GatewayWriter {
    const { name, namespace, hosts, listeners, origin } = this;
    const written = { construct: this, name, namespace, routesNamespace: namespaceOf(this), own, hosts, listeners };
    if (this.api === GatewayApi.KUBERNETES) {
      if (origin?.kind === 'selected') {
        throw new MeshError({
          construct: this, code: 'inexpressible-feature', problem: 'the Gateway API cannot express `selector`: a Gateway brings proxies of its own',
          fix: 'use Gateway.fromName for a Gateway that is there, or leave `api` out',
        });
      }
      return new KubernetesWriter(written, props);
    }
    return new IstioWriter(written, origin?.kind === 'selected' ? origin.selector : GatewayWorkload.labels(name));
  }

  /** Proxies of our own, unless somebody else runs them: with the Gateway API it is the control plane that deploys them, as `NAME-CLASS`. */
  private createGateway(mesh: Mesh, props: GatewayProps): ApiObject {
    checkWhole(props.numTrustedProxies ?? 0, 'numTrustedProxies', this, { min: 0 });
    if (this.origin === undefined && this.api === GatewayApi.ISTIO) {
      this.createWorkload(mesh, props);
    } else if (this.origin === undefined) {
      claimService(`${this.name}-${props.gatewayClass ?? 'istio'}`, this.namespace, this);
    }
    this.node.addValidation({ validate: () => this.emptyListeners() });
    return this.writer.gateway();
  }

  private createWorkload(mesh: Mesh, props: GatewayProps): void {
    const { nodePorts, serviceAnnotations, http3, numTrustedProxies, proxyProtocol, forwardClientCertificate } = props;
    claimService(this.name, this.namespace, this);
    new GatewayWorkload(this, {
      mesh,
      name: this.name,
      namespace: this.namespace,
      serviceType: props.serviceType ?? 'LoadBalancer',
      replicas: checkWhole(props.replicas ?? 1, 'replicas', this, { min: 0 }),
      ports: () => this.listeners.ports(),
      ...{ nodePorts, serviceAnnotations, http3, numTrustedProxies, proxyProtocol, forwardClientCertificate },
    });
  }

  private emptyListeners(): string[] {
    if (this.listeners.listeners().length === 0) {
      return [`Gateway ${this.name} listens for nothing: give it \`host\`, or open a port with \`tcp\``];
    }
    return this.listeners.deadEnds().map((host) => `Gateway ${this.name} lets TLS for ${host} through to nobody: say where with \`tls(443, service, { hosts: ['${host}'] })\``);
  }

  private claimHosts(): void {
    const { origin } = this;
    if (origin?.kind === 'selected' && Object.keys(origin.selector).length === 0) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'has an empty `selector`, which selects every proxy', fix: 'give it the labels of the gateway\'s pods' });
    }
    const twice = this.hosts.find((host, index) => this.hosts.indexOf(host) !== index);
    if (twice !== undefined) {
      throw new MeshError({ construct: this, code: 'duplicate-host', problem: `host ${twice} is given twice`, fix: 'give it once, in `host` or in `hosts`' });
    }
    const labels = origin?.kind === 'selected' ? Object.entries(origin.selector).map(([label, value]) => `${label}=${value}`).sort().join(',') : undefined;
    for (const host of this.hosts) {
      AppRegistry.of(this).claim(`gateway-host ${host} at ${labels ?? this.reference}`, this, {
        code: 'duplicate-host', problem: `host ${host} is already answered for`, fix: 'add the routes to that gateway, or answer for another host',
      });
    }
  }

  private checkListener(host: string | undefined): void {
    const heard = this.listeners.hears(host);
    if (heard !== true) {
      throw new MeshError({ construct: this, code: 'missing-listener', problem: heard, fix: 'add the host to `hosts`, and an HTTP port to `ports` if you gave any' });
    }
  }

  private declareCall(callee: ICallable): void {
    AppRegistry.of(this).calls.push({ caller: this, callee });
    AppRegistry.of(this).changes += 1;
  }

  private targetOf(service: ICallable, traffic: Traffic, wanted: number | undefined): ConnectionTarget {
    return { rules: service.rules[0], port: servicePortOf(service, traffic, wanted, this).number };
  }

  private addRoute(hosts: GatewayHosts, service: ICallable, route: GatewayRoute): void {
    const { host, servicePort, rewrite, claims, ...others } = route;
    this.checkListener(host);
    this.declareCall(service);
    const target = { callable: service, ...this.targetOf(service, 'requests', servicePort) };
    const other = hosts === this.routes ? this.calls : this.routes;
    if (other !== hosts && !other.isEmpty) {
      throw new MeshError({
        construct: this, code: 'inexpressible-feature', problem: 'the Gateway API cannot express routes for HTTP and for gRPC of the same hosts on one listener',
        fix: 'use `route` with `path: Path.prefix(\'/package.Service/\')` for gRPC too, or a gateway of its own',
      });
    }
    this.writer.admit(service, hosts === this.routes ? 'HTTPRoute' : 'GRPCRoute');
    hosts.add(host, { ...others, match: matchOf(route), rewrite, target });
  }
}

function matchOf(route: RequestMatch & Pick<GatewayRoute, 'claims'>): RequestMatch | undefined {
  const { path, claims, cookies, query, method, authority, scheme, port } = route;
  const headers = claims === undefined ? route.headers : [...route.headers ?? [], ...claims.map((claim) => Header.ofClaim(claim))];
  const match = defined({ path, headers, cookies, query, method, authority, scheme, port });
  return Object.keys(match).length === 0 ? undefined : match;
}
