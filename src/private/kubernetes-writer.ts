import { ApiObject } from 'cdk8s';
import {
  Gateway as GatewayResource, GRPCRoute, HTTPRoute, ReferenceGrant, TCPRoute, TLSRoute, type HTTPRouteSpecParentRefs,
} from '../../imports/gateway-api';
import type { VirtualServiceDestination, VirtualServiceSpecHttp } from '../../imports/istio/virtual-service.types';
import type { GatewayProps } from '../gateway-props';
import type { ICallable } from '../mesh-member';
import { MeshService } from '../mesh-service';
import type { ConnectionTarget } from './gateway-listeners';
import type { GatewayWriter, HostRoutes, WrittenGateway } from './gateway-writer';
import { grpcRouteRules } from './grpc-route-rule';
import { httpRouteRules, type Backend, type Translation } from './http-route-rule';
import { deploymentParameters, inexpressible, kubernetesGatewaySpec, sectionsOf, type Section } from './kubernetes-gateway';
import { lateSpec } from './late-spec';
import { defined } from './merge';
import { hostAsName } from './names';
import { renderTcp } from './render-routes';
import { checkPrecedence } from './route-precedence';
import { atGateway } from './route-table';
import { serveVersions, versionServiceName } from './version-services';

type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'TLSRoute';

/** Objects of the Gateway API: a Gateway that the control plane deploys, and its routes. */
export class KubernetesWriter implements GatewayWriter {
  constructor(private readonly written: WrittenGateway, private readonly props: GatewayProps) {}

  /** Routes may name services of other namespaces only where those grant it. */
  admit(service: ICallable, kind: RouteKind): void {
    if (!(service instanceof MeshService)) {
      return;
    }
    if (this.props.versionServices) {
      serveVersions(service);
    }
    const { construct, name, routesNamespace } = this.written;
    const id = `reference-grant-${service.namespace}-${service.name}-${kind.toLowerCase()}`;
    if (service.namespace === routesNamespace || service.isForeign || construct.node.tryFindChild(id) !== undefined) {
      return;
    }
    const names = [service.name, ...(this.props.versionServices ? service.versions.map((version) => versionServiceName(service.name, version)) : [])];
    new ReferenceGrant(construct, id, {
      metadata: { name: `${name}-${service.name}-${kind.toLowerCase()}`, namespace: service.namespace },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind, namespace: routesNamespace }],
        to: names.map((known) => ({ group: '', kind: 'Service', name: known })),
      },
    });
  }

  gateway(): ApiObject {
    const { construct, name, namespace, listeners } = this.written;
    const { serviceType, http3, redirectHttp } = this.props;
    if (http3) {
      throw inexpressible(construct, '`http3`', 'leave `api` out: Istio\'s Gateway listens on UDP where its Service does');
    }
    const parameters = deploymentParameters(this.props);
    if (parameters !== undefined) {
      new ApiObject(construct, 'parameters', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-parameters`, namespace }, data: parameters });
    }
    if (redirectHttp) {
      this.redirectHttp();
    }
    return new GatewayResource(construct, 'gateway', {
      metadata: { name, namespace, ...(serviceType && { annotations: { 'networking.istio.io/service-type': serviceType } }) },
      spec: lateSpec(construct, () => kubernetesGatewaySpec(construct, listeners.listeners(), { ...this.props, parameters: parameters && `${name}-parameters` })),
    });
  }

  routes(made: HostRoutes): ApiObject {
    const { construct, routesNamespace: namespace } = this.written;
    const metadata = { name: made.name, namespace };
    return made.grpc
      ? new GRPCRoute(construct, `grpc-route${made.id}`, { metadata, spec: lateSpec(construct, () => this.routeSpec(made, grpcRouteRules)) })
      : new HTTPRoute(construct, `http-route${made.id}`, { metadata, spec: lateSpec(construct, () => this.routeSpec(made, httpRouteRules)) });
  }

  connections(kind: 'tcp' | 'tls'): void {
    const { construct, name, routesNamespace: namespace, listeners } = this.written;
    if (kind === 'tcp') {
      const { number, target } = listeners.tcp().at(-1)!;
      new TCPRoute(construct, `tcp-route-${number}`, {
        metadata: { name: `${name}-tcp-${number}`, namespace },
        spec: lateSpec(construct, () => ({ parentRefs: this.parents((section) => section.listener.number === number, number), rules: [{ backendRefs: this.backends(target) }] })),
      });
      return;
    }
    const { number, hosts, target } = listeners.tls().at(-1)!;
    if (hosts.includes('*')) {
      throw inexpressible(construct, 'TLS for every host', 'name the hosts, or use `tcp`');
    }
    const label = `${number}-${hostAsName(hosts[0])}`;
    new TLSRoute(construct, `tls-route-${label}`, {
      metadata: { name: `${name}-tls-${label}`, namespace },
      spec: lateSpec(construct, () => ({
        parentRefs: this.parents(({ listener, host }) => listener.number === number && listener.protocol === 'TLS' && hosts.includes(host), number),
        hostnames: hosts,
        rules: [{ backendRefs: this.backends(target) }],
      })),
    });
  }

  /** Requests over HTTP are answered by routes of their own, which attach to the listeners for HTTP only. */
  private redirectHttp(): void {
    const { construct, name, routesNamespace: namespace, hosts } = this.written;
    new HTTPRoute(construct, 'http-route-redirect', {
      metadata: { name: `${name}-redirect`, namespace },
      spec: lateSpec(construct, () => defined({
        parentRefs: this.parents(({ listener }) => listener.redirect ?? false),
        hostnames: hostnamesOf(hosts),
        rules: [{ filters: [{ type: 'RequestRedirect' as const, requestRedirect: { scheme: 'https' as const, statusCode: 301 as const } }] }],
      })),
    });
  }

  private routeSpec<R>({ hosts, routes }: HostRoutes, translate: (http: VirtualServiceSpecHttp, translation: Translation) => readonly R[]) {
    checkPrecedence(routes.compose().map(({ conditions }) => conditions), this.written.construct);
    const rules = (routes.render().http ?? []).flatMap((http) => translate(http, this.translation));
    const known = hosts();
    const parentRefs = this.props.redirectHttp
      ? this.parents(({ listener, host }) => listener.protocol === 'HTTPS' && known.includes(host))
      : [this.parent({})];
    return defined({ parentRefs, hostnames: hostnamesOf(known), rules });
  }

  private get translation(): Translation {
    return {
      backend: (destination) => this.backend(destination),
      refuse: (field, fix) => {
        throw inexpressible(this.written.construct, `\`${field}\` of a route`, `${fix}; or leave \`api\` out: Istio's own routes have it`);
      },
    };
  }

  /** What is outside the mesh is known by its host to Istio, what is inside by its Service. */
  private backend({ host, subset, port }: VirtualServiceDestination): Backend {
    const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(host) ?? [];
    if (service === undefined) {
      return defined({ group: 'networking.istio.io', kind: 'Hostname', name: host, port: port?.number });
    }
    if (subset !== undefined && !this.props.versionServices) {
      throw inexpressible(this.written.construct, `\`route.destination.subset\` of a route: version ${subset} of ${service}`,
        'give the gateway `versionServices: true`, which writes a Service for each version; or leave `api` out: Istio\'s own routes name subsets');
    }
    return defined({
      name: subset === undefined ? service : versionServiceName(service, subset),
      namespace: namespace === this.written.routesNamespace ? undefined : namespace,
      port: port?.number,
    });
  }

  private backends({ rules, port }: ConnectionTarget): (Backend & { readonly weight?: number })[] {
    const route = rules.composeConnections(atGateway(port)).find(({ conditions }) => conditions.some((condition) => condition.size === 0));
    const shares = route === undefined ? [] : renderTcp(route, (version) => rules.destination(version, port), port).route ?? [];
    return shares.map(({ destination, weight }) => defined({ ...this.backend(destination), weight }));
  }

  /** The listeners that routes attach to, by name where we write the Gateway. */
  private parents(wanted: (section: Section) => boolean, port?: number): HTTPRouteSpecParentRefs[] {
    const { own, listeners } = this.written;
    return own ? sectionsOf(listeners.listeners()).filter(wanted).map(({ name }) => this.parent({ sectionName: name })) : [this.parent({ port })];
  }

  private parent(section: Pick<HTTPRouteSpecParentRefs, 'sectionName' | 'port'>): HTTPRouteSpecParentRefs {
    const { name, namespace, routesNamespace } = this.written;
    return defined({ name, namespace: namespace === routesNamespace ? undefined : namespace, ...section });
  }
}

/** Without host names, a route holds for whatever its listeners answer for. */
function hostnamesOf(hosts: readonly string[]): readonly string[] | undefined {
  return hosts.includes('*') ? undefined : hosts;
}
