import type { GatewaySpecServers } from '../../imports/istio/gateway.types';
import type { VirtualServiceSpec, VirtualServiceSpecTls } from '../../imports/istio/virtual-service.types';
import type { Listener, TcpRoute, TlsRoute } from './gateway-listeners';
import { defined } from './merge';
import { renderTcp } from './render-routes';
import { atGateway } from './route-table';

/** A listener as a server of Istio's Gateway. */
export function renderServer({ name, number, protocol, hosts, tls, redirect }: Listener): GatewaySpecServers {
  return defined({ hosts, port: { name, number, protocol }, tls: redirect ? { httpsRedirect: true } : tls?.render() });
}

/** The VirtualService for connections, which are told apart by their port. */
export function renderTcpRoutes(routes: readonly TcpRoute[], gateway: string): VirtualServiceSpec {
  const tcp = routes.flatMap(({ number, target: { rules, port } }) =>
    rules.composeConnections(atGateway(port)).map((route) => renderTcp(route, (version) => rules.destination(version, port), number)));
  return { hosts: ['*'], gateways: [gateway], tcp };
}

/** The VirtualService for TLS that goes through, told apart by the name of the server. */
export function renderTlsRoutes(routes: readonly TlsRoute[], gateway: string): VirtualServiceSpec {
  const tls = routes.flatMap(({ number, hosts, target: { rules, port } }) => rules.composeConnections(atGateway(port)).map((route): VirtualServiceSpecTls => ({
    match: [{ port: number, sniHosts: hosts }],
    route: renderTcp(route, (version) => rules.destination(version, port), number).route,
  })));
  return { hosts: [...new Set(routes.flatMap(({ hosts }) => hosts))], gateways: [gateway], tls };
}
