import { Construct } from 'constructs';
import { Gateway as GatewayResource } from '../imports/istio/gateway';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import type { ICallable } from './mesh-member';
import { MergedVirtualService } from './merged-object';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { GatewayHosts } from './private/gateway-hosts';
import { GatewayListeners } from './private/gateway-listeners';
import { GatewayWorkload } from './private/gateway-workload';
import { claimService } from './private/host-claims';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkHost, checkLabel, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import { isHttp } from './private/ports';
import { renderTcp } from './private/render-routes';
import { hasPrefix } from './private/rewritten';
import { atGateway } from './private/route-table';
import type { Port } from './port';
import type { RequestMatch } from './request-match';
import type { Redirect, Rewrite, RouteOptions } from './route-rule';
import type { Tls } from './tls';

/** What a gateway listens for. */
export interface GatewayProps {
  /**
   * The host it answers for; short for `hosts` with one.
   * @default none: only `tcp` can be used
   */
  readonly host?: string;
  /**
   * The hosts it answers for: DNS names, `*.example.com`, or `*` for all.
   * @default none: only `tcp` can be used
   */
  readonly hosts?: readonly string[];
  /**
   * The ports for requests: Port.http, or Port.https where `tls` is given.
   * @default 80 for HTTP, and 443 for HTTPS if `tls` is given
   */
  readonly ports?: readonly (number | Port)[];
  /**
   * How TLS is ended: for all hosts, or for each host its own certificate.
   * @default none: HTTP only
   */
  readonly tls?: Tls | Readonly<Record<string, Tls>>;
  /**
   * Whether requests over HTTP are sent to HTTPS. Writes `tls.httpsRedirect`.
   * @default false: both are answered
   */
  readonly redirectHttp?: boolean;
  /**
   * The type of the gateway's Service.
   * @default 'LoadBalancer'
   */
  readonly serviceType?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /**
   * How many pods.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * The mesh, where the gateway is not created inside it.
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
   * Changes the path or host before the request is sent on; rules of the service see the changed path.
   * @default nothing
   */
  readonly rewrite?: Rewrite;
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
  /** The name of the Gateway and its workload. */
  public readonly name: string;
  /** The namespace of both. */
  public readonly namespace: string;
  /** The hosts it answers for. */
  public readonly hosts: readonly string[];

  private readonly listeners: GatewayListeners;
  private readonly routes: GatewayHosts;
  private readonly resource: GatewayResource;

  /**
   * @throws {@link MeshError} `duplicate-host` if another gateway answers for a host, `invalid-name`, `invalid-value` for `redirectHttp`
   * without `tls`
   */
  public constructor(scope: Construct, id: string, props: GatewayProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    this.name = checkLabel(id, 'gateway name', this);
    this.namespace = namespaceOf(this);
    this.hosts = [...(props.host === undefined ? [] : [props.host]), ...(props.hosts ?? [])].map((host) => checkHost(host, this));
    this.claimNames();
    this.listeners = new GatewayListeners(this, { ...props, hosts: this.hosts });
    this.routes = new GatewayHosts(this);
    this.node.addValidation({
      validate: () => (this.listeners.ports().length > 0 ? [] : [`Gateway ${this.name} listens for nothing: give it \`host\`, or open a port with \`tcp\``]),
    });
    mesh.joinNamespace(this.namespace, this);
    new GatewayWorkload(this, {
      mesh,
      name: this.name,
      namespace: this.namespace,
      serviceType: props.serviceType ?? 'LoadBalancer',
      replicas: checkWhole(props.replicas ?? 1, 'replicas', this, { min: 0 }),
      ports: () => this.listeners.ports(),
    });
    this.resource = new GatewayResource(this, 'gateway', {
      metadata: { name: this.name, namespace: this.namespace },
      spec: lateSpec(this, () => ({ selector: GatewayWorkload.labels(this.name), servers: this.listeners.servers() })),
    });
  }

  /** The Gateway object, an ordinary ApiObject. */
  public get gateway(): GatewayResource {
    return this.resource;
  }

  /** The VirtualService for the routes of all hosts. Asking for it writes it, even without routes. */
  public get virtualService(): MergedVirtualService {
    return this.routes.virtualService;
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
    const { host, servicePort, rewrite, ...others } = route;
    this.checkListener(host);
    if (rewrite !== undefined && 'prefix' in rewrite && !hasPrefix(route)) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: '`rewrite.prefix` replaces the prefix that matched, and the route matches none',
        fix: 'give the route a path: Path.prefix(…), or use `rewrite.path` to replace the whole path',
      });
    }
    const target = { callable: service, rules: service.rules[0], port: this.portOf(service, servicePort, true) };
    this.routes.add(host, { ...others, match: matchOf(route), rewrite, target });
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
  public tcp(port: number, service: ICallable, options: { /** @default its first port that is not HTTP */ readonly servicePort?: number } = {}): this {
    checkReference(service, 'the service', this);
    checkWhole(port, 'port', this, { min: 1, max: 65535 });
    this.listeners.openTcp(port, { rules: service.rules[0], port: this.portOf(service, options.servicePort, false) });
    if (this.node.tryFindChild('virtual-service-tcp') === undefined) {
      new MergedVirtualService(this, 'virtual-service-tcp', {
        metadata: { name: `${this.name}-tcp`, namespace: this.namespace }, render: () => this.renderTcp(),
      });
    }
    return this;
  }

  private claimNames(): void {
    const registry = AppRegistry.of(this);
    claimService(this.name, this.namespace, this);
    const twice = this.hosts.find((host, index) => this.hosts.indexOf(host) !== index);
    if (twice !== undefined) {
      throw new MeshError({ construct: this, code: 'duplicate-host', problem: `host ${twice} is given twice`, fix: 'give it once, in `host` or in `hosts`' });
    }
    for (const host of this.hosts) {
      const problem = `host ${host} is already answered for`;
      registry.claim(`gateway-host ${host}`, this, { code: 'duplicate-host', problem, fix: 'add the routes to that gateway, or answer for another host' });
    }
  }

  private checkListener(host: string | undefined): void {
    const heard = this.listeners.hears(host);
    if (heard !== true) {
      throw new MeshError({ construct: this, code: 'missing-listener', problem: heard, fix: 'add the host to `hosts`, and an HTTP port to `ports` if you gave any' });
    }
  }

  private portOf(service: ICallable, wanted: number | undefined, http: boolean): number {
    const ports = service.rules[0].props.ports.map(({ port }) => port);
    const found = ports.find((port) => (wanted === undefined ? isHttp(port) === http : port.number === wanted)) ?? (wanted === undefined && !http ? ports[0] : undefined);
    if (found === undefined || (http && !isHttp(found))) {
      throw new MeshError({
        construct: this,
        code: 'invalid-value',
        problem: `${service.node.id} has no ${http ? 'HTTP ' : ''}port${wanted === undefined ? '' : ` ${wanted}`}; it has ${ports.map((port) => `${port.protocol} ${port.number}`).join(', ')}`,
        fix: http ? 'use `tcp` for connections' : 'choose one of its ports as `servicePort`',
      });
    }
    return found.number;
  }

  private renderTcp() {
    const tcp = this.listeners.tcp().flatMap(({ number, target }) =>
      target.rules.composeConnections(atGateway(target.port)).map((route) => renderTcp(route, (version) => target.rules.destination(version, target.port), number)));
    return { hosts: ['*'], gateways: [`${this.namespace}/${this.name}`], tcp };
  }
}

function matchOf({ path, headers, cookies, query, method, port }: RequestMatch): RequestMatch | undefined {
  const match = defined({ path, headers, cookies, query, method, port });
  return Object.keys(match).length === 0 ? undefined : match;
}
