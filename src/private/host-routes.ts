import type { VirtualServiceSpec, VirtualServiceSpecHttp, VirtualServiceSpecTcp, VirtualServiceSpecTls } from '../../imports/istio/virtual-service.types';
import type { ComposedHost } from './host';
import { defined } from './merge';
import { isHttp, isTls } from './ports';
import { renderHttp, renderTcp, renderTls, uniquelyNamed, type DestinationOf } from './render-routes';
import { atPort, type ComposedRoute } from './route-table';

/** The VirtualService of a host: the routes of each port in its own words. */
export function renderHost(host: ComposedHost, routesConnections: boolean): VirtualServiceSpec {
  const { host: name, exportTo, ports } = host.props;
  const http = ports.filter(({ port }) => isHttp(port)).map(({ port }) => port.number);
  const connections = ports.filter(({ port }) => !isHttp(port));
  const tls = connections.filter(({ port }) => isTls(port)).flatMap(({ port }) => tlsRoutes(host, port.number));
  const tcp = routesConnections ? connections.flatMap(({ port }) => tcpRoutes(host, port.number)) : [];
  return defined({
    hosts: [name],
    exportTo,
    http: http.length > 0 ? uniquelyNamed(http.flatMap((port) => httpRoutes(host, port, http.length > 1))) : undefined,
    tls: tls.length > 0 ? tls : undefined,
    tcp: tcp.length > 0 ? tcp : undefined,
  });
}

/** Where a service has several ports, `istioctl analyze` wants every destination to name its own (IST0112). */
function destinationAt(host: ComposedHost, port: number): DestinationOf {
  const several = host.props.ports.length > 1;
  return (version) => host.destination(version, several ? port : undefined);
}

function httpRoutes(host: ComposedHost, port: number, matchPort: boolean): VirtualServiceSpecHttp[] {
  return host.compose(atPort(port)).map((route) => renderHttp(route, destinationAt(host, port), matchPort ? { port } : {}));
}

function tcpRoutes(host: ComposedHost, port: number): VirtualServiceSpecTcp[] {
  const routes = host.composeConnections(atPort(port));
  return asksForName(routes) ? [] : routes.map((route) => renderTcp(route, destinationAt(host, port), port));
}

/** Where one rule of a port asks for the name of the server, all of them must: Istio matches nothing else there then. */
function tlsRoutes(host: ComposedHost, port: number): VirtualServiceSpecTls[] {
  const routes = host.composeConnections(atPort(port));
  return asksForName(routes) ? routes.map((route) => renderTls(route, destinationAt(host, port), { port, host: host.props.host })) : [];
}

function asksForName(routes: readonly ComposedRoute[]): boolean {
  return routes.some(({ conditions }) => conditions.some((condition) => condition.has('sni')));
}
