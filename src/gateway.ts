import type { ApiObject } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { GatewayApi } from './gateway-api';
import type { GatewayProps, GatewayRoute, GrpcGatewayRoute, NamedGatewayProps, SelectedGatewayProps, TcpGatewayRoute, TlsGatewayRoute } from './gateway-props';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import type { ICallable, IGateway } from './mesh-member';
import type { MergedVirtualService } from './merged-object';
import type { Account } from './private/accounts';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { DeclaredAccess } from './private/declared-access';
import { GatewayHosts } from './private/gateway-hosts';
import { GatewayListeners, isAboutRequests, type ConnectionTarget } from './private/gateway-listeners';
import { checkPrefix, matchOf, pathOfCalls } from './private/gateway-match';
import { GatewayProxies, ORIGIN, type MadeGateway } from './private/gateway-proxies';
import { IstioWriter, type GatewayWriter } from './private/gateway-writer';
import { rulesOf } from './private/host-rules';
import { KubernetesWriter } from './private/kubernetes-writer';
import { recordLocation } from './private/location';
import { checkHost, checkLabel, checkNamespace, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import type { GatewayPods, PodPorts } from './private/pod-ports';
import type { Selection } from './private/selection';
import { servicePortOf, type Traffic } from './private/service-port';
import type { RequestMatch } from './request-match';
import type { Redirect } from './route-rule';

/**
 * An entrance to the mesh. Writes the proxies (Deployment, Service, ServiceAccount named as the gateway), a Gateway, and a VirtualService in
 * which each route is continued by the rules of its service, so that canaries and faults work through the edge too.
 *
 * @example
 * const edge = new Gateway(mesh, 'edge', { host: 'bookinfo.example.com' });
 * edge.route(productpage, { path: [Path.exact('/productpage'), Path.prefix('/static')] });
 */
export class Gateway extends Construct implements IGateway {
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
  private readonly proxies: GatewayProxies;

  /**
   * @throws {@link MeshError} `invalid-name`, `duplicate-name` if a service is called so, `invalid-value` for `redirectHttp` without `tls`,
   * and for ports and certificates that do not fit together
   */
  public constructor(scope: Construct, id: string, props: GatewayProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    const origin = (props as MadeGateway)[ORIGIN];
    const named = origin?.kind === 'named' ? origin : undefined;
    this.name = checkLabel(named?.name ?? id, 'gateway name', this);
    this.namespace = named === undefined ? namespaceOf(this) : checkNamespace(named.namespace, this);
    this.hosts = [...(props.host === undefined ? [] : [props.host]), ...(props.hosts ?? [])].map((host) => checkHost(host, this));
    this.api = props.api ?? GatewayApi.ISTIO;
    this.proxies = new GatewayProxies({ construct: this, name: this.name, namespace: this.namespace, api: this.api, origin, mesh }, props);
    this.proxies.claimHosts(this.hosts);
    this.listeners = new GatewayListeners(this, { ...props, hosts: this.hosts });
    this.proxies.checkApi();
    this.writer = this.createWriter(props, named === undefined);
    this.routes = new GatewayHosts({ construct: this, name: this.name, hosts: this.hosts, write: (routes) => this.writer.routes(routes) });
    this.calls = this.api === GatewayApi.ISTIO ? this.routes : new GatewayHosts({
      construct: this, name: this.name, hosts: this.hosts, write: (routes) => this.writer.routes({ ...routes, grpc: true }),
    });
    AppRegistry.of(this).first(`gateway ${this.reference}`, this);
    AppRegistry.of(this).gateways.add(this);
    if (named === undefined) {
      mesh.joinNamespace(this.namespace, this);
      this.proxies.deploy(() => this.listeners.ports());
      this.node.addValidation({ validate: () => this.listeners.silence(this.name) });
      this.resource = this.writer.gateway();
      if (mesh.declaresAccess && origin === undefined) {
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
    checkPrefix(route, this);
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
    const { grpcService: _service, grpcMethod: _method, ...others } = route;
    const path = pathOfCalls(route, this);
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
  public policyPlace(asker: IConstruct): { readonly namespace: string; readonly selection: Selection } {
    return this.proxies.place(asker);
  }

  /** What its pods are known by. @internal */
  public accountFor(asker: IConstruct): Account {
    return this.proxies.account(asker);
  }

  /** Labels of its pods, and their namespace where it is known. @internal */
  public get pods(): GatewayPods | undefined {
    return this.proxies.pods;
  }

  /** `NAMESPACE/NAME`, as VirtualServices name it. */
  private get reference(): string {
    return `${this.namespace}/${this.name}`;
  }

  private createWriter(props: GatewayProps, own: boolean): GatewayWriter {
    const { name, namespace, hosts, listeners } = this;
    const written = { construct: this, name, namespace, routesNamespace: namespaceOf(this), own, hosts, listeners };
    return this.api === GatewayApi.KUBERNETES ? new KubernetesWriter(written, props) : new IstioWriter(written, this.proxies.labels);
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
    return { rules: rulesOf(service)[0], port: servicePortOf(service, traffic, wanted, this).number };
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
