import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import type { ICallable } from './mesh-member';
import { MeshService } from './mesh-service';
import type { Path } from './path';
import { listOf } from './private/alternatives';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { createClusterObject } from './private/cluster-object';
import { rulesOf } from './private/host-rules';
import { IngressGateway } from './private/ingress-gateway';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkHost, checkObjectName, unusedId } from './private/names';
import { MeshObject } from './private/plain-print';
import { servicePortOf } from './private/service-port';

/** What an Ingress answers for. */
export interface IngressRouteProps {
  /**
   * The host it answers for; short for `hosts` with one.
   * @default every host
   */
  readonly host?: string;
  /**
   * The hosts it answers for: DNS names, or `*.example.com`.
   * @default every host
   */
  readonly hosts?: readonly string[];
  /**
   * The Secret with the certificate of all hosts, or one for each. It lies beside the Ingress gateway's pods, in Istio's namespace. Writes `tls`.
   * @default none: HTTP only
   */
  readonly tls?: string | Readonly<Record<string, string>>;
  /**
   * The IngressClass. Writes `ingressClassName`.
   * @default 'istio'
   */
  readonly ingressClass?: string;
  /**
   * Whether the IngressClass is written, for Istio's controller, once per App.
   * @default true
   */
  readonly createClass?: boolean;
  /**
   * Whether proxies for Ingress are written, as Istio installs them: `istio-ingressgateway` in the control plane's namespace, once per App.
   * @default true with MeshRuntime.bundled(); false with MeshRuntime.istio(), which brings its own
   */
  readonly createGateway?: boolean;
  /**
   * The mesh, where it is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** Which requests go to a service; an Ingress knows hosts and paths, nothing else. */
export interface IngressPath {
  /**
   * The path, exact or a prefix, or several of which one must match. A prefix ends where a segment of the path ends: `/cart` is not `/cartoon`.
   * @default every path
   */
  readonly path?: Path | readonly Path[];
  /**
   * Only requests for this host of the Ingress.
   * @default all its hosts
   */
  readonly host?: string;
  /**
   * The port of the service, where it has several.
   * @default its first HTTP port
   */
  readonly servicePort?: number;
}

interface Backend {
  readonly service: MeshService<string>;
  readonly port: number;
  readonly path: string;
  readonly pathType: 'Exact' | 'Prefix';
}

/**
 * A Kubernetes Ingress, for those who have to stay with it. It sends whole paths to whole services: rules of a service (canaries, faults) hold
 * for callers in the mesh only, so a service with such rules is an error. A {@link Gateway} can do all of it.
 *
 * @example
 * new IngressRoute(mesh, 'shop', { host: 'shop.example.com' }).route(cart, { path: Path.prefix('/cart') }).route(web);
 */
export class IngressRoute extends Construct {
  /** The Ingress, an ordinary ApiObject. */
  public readonly ingress: ApiObject;
  /** The hosts it answers for; none means all. */
  public readonly hosts: readonly string[];

  private readonly namespace: string;
  private readonly backends = new Map<string, Backend[]>();

  /**
   * @throws {@link MeshError} `invalid-name`, `invalid-value` for TLS of a host that it does not answer for
   */
  public constructor(scope: Construct, id: string, props: IngressRouteProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    this.namespace = namespaceOf(this);
    this.hosts = [...(props.host === undefined ? [] : [props.host]), ...(props.hosts ?? [])].map((host) => checkHost(host, this));
    const tls = this.tlsOf(props.tls);
    const className = props.ingressClass ?? 'istio';
    mesh.joinNamespace(this.namespace, this);
    this.createShared(mesh, props, className);
    this.ingress = new MeshObject(this, 'ingress', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: checkObjectName(id, this), namespace: this.namespace },
      spec: lateSpec(this, () => defined({ ingressClassName: className, tls, rules: this.rules() })),
    });
    this.node.addValidation({ validate: () => this.problems() });
  }

  /**
   * Sends requests to a service: those for a path, or all that no other route takes. The longest path wins, exact ones first.
   *
   * @throws {@link MeshError} `inexpressible-feature` for regular expressions, and services outside the mesh or of other namespaces;
   * `missing-listener`, `unreachable-rule`
   */
  public route(service: ICallable, route: IngressPath = {}): this {
    checkReference(service, 'the service', this);
    if (!(service instanceof MeshService) || service.namespace !== this.namespace) {
      throw this.inexpressible(
        service instanceof MeshService ? `${service.name}, which is in namespace ${service.namespace}` : 'hosts outside the mesh',
        'an Ingress leads to Services beside it: write it in the chart of the service, or use a Gateway',
      );
    }
    if (route.host !== undefined && !this.hosts.includes(route.host)) {
      throw new MeshError({
        construct: this, code: 'missing-listener', problem: `there is a route for ${route.host}, but it answers for ${this.hosts.join(', ') || 'every host alike'}`, fix: 'add the host to `hosts`',
      });
    }
    const { number: port } = servicePortOf(service, 'requests', route.servicePort, this);
    const paths = route.path === undefined ? [{ path: '/', pathType: 'Prefix' as const }] : listOf<Path>(route.path).map((path) => this.pathOf(path));
    for (const host of route.host === undefined ? this.hosts.length > 0 ? this.hosts : ['*'] : [route.host]) {
      paths.forEach((path) => this.add(host, { ...path, service, port }));
    }
    AppRegistry.of(this).changes += 1;
    return this;
  }

  private createShared(mesh: Mesh, { createClass, createGateway }: IngressRouteProps, className: string): void {
    const registry = AppRegistry.of(this);
    if ((createClass ?? true) && registry.first(`ingress-class ${className}`, this)) {
      createClusterObject(this, 'ingress-class', {
        apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: className }, spec: { controller: 'istio.io/ingress-controller' },
      });
    }
    if ((createGateway ?? mesh.runtime.kind === 'bundled') && registry.first('ingress-gateway', this)) {
      new IngressGateway(this, mesh);
    }
  }

  private tlsOf(tls: IngressRouteProps['tls']): object[] | undefined {
    if (tls === undefined) {
      return undefined;
    }
    if (typeof tls === 'string') {
      return [defined({ hosts: this.hosts.length > 0 ? this.hosts : undefined, secretName: tls })];
    }
    const strange = Object.keys(tls).find((host) => !this.hosts.includes(host));
    if (strange !== undefined) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: `tls names ${strange}, which it does not answer for`, fix: 'add it to `hosts`' });
    }
    return Object.entries(tls).map(([host, secretName]) => ({ hosts: [host], secretName }));
  }

  private pathOf({ condition }: Path): Pick<Backend, 'path' | 'pathType'> {
    if (condition.kind === 'exact') {
      return { path: condition.value, pathType: 'Exact' };
    }
    if (condition.kind !== 'prefix') {
      throw this.inexpressible('regular expressions for paths', 'use Path.prefix or Path.exact, or a Gateway');
    }
    return { path: condition.value, pathType: 'Prefix' };
  }

  private add(host: string, backend: Backend): void {
    const known = this.backends.get(host) ?? [];
    const other = known.find(({ path, pathType }) => path === backend.path && pathType === backend.pathType);
    if (other !== undefined) {
      throw new MeshError({
        construct: this, code: 'unreachable-rule', problem: `two routes for ${backend.pathType} ${backend.path}: to ${other.service.name} and to ${backend.service.name}`, fix: 'give one of them another path',
      });
    }
    known.push(backend);
    this.backends.set(host, known);
  }

  private rules(): object[] {
    return [...this.backends].map(([host, backends]) => defined({
      host: host === '*' ? undefined : host,
      http: { paths: backends.map(({ service, port, path, pathType }) => ({ path, pathType, backend: { service: { name: service.name, port: { number: port } } } })) },
    }));
  }

  private problems(): string[] {
    if (this.backends.size === 0) {
      return [`Ingress ${this.node.id} leads nowhere: add a service with \`route\``];
    }
    const backends = [...this.backends.values()].flat();
    const ruled = [...new Set(backends.map(({ service, port }) => rulesOf(service)[0].ruleAt(port)).filter((rule) => rule !== undefined))];
    return ruled.map((rule) => this.inexpressible(
      `${rule.label} of ${rule.declarer.node.path}`, 'let the rule say `from`, or use a Gateway, through which rules of services hold',
    ).message);
  }

  private inexpressible(what: string, fix: string): MeshError {
    return new MeshError({ construct: this, code: 'inexpressible-feature', problem: `an Ingress cannot express ${what}`, fix });
  }
}
