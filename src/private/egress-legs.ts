import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import type { ComposedHost } from './host';
import { defined } from './merge';
import { isHttp, isTls } from './ports';
import { renderHttp } from './render-routes';
import { atPort } from './route-table';

/** An egress gateway as a hop on the way of a host's traffic. */
export interface EgressHop {
  /** The full host name of its Service. */
  readonly host: string;
  readonly namespace: string;
  /** `NAMESPACE/NAME` of its Gateway. */
  readonly gateway: string;
}

/** The VirtualService of a host behind an egress gateway: from the sidecars to the gateway, by the host's rules, and from there to the host. */
export function renderTwoLegs(rules: ComposedHost, hop: EgressHop): VirtualServiceSpec {
  const { host, ports } = rules.props;
  const numbers = (kind: typeof isHttp) => ports.filter(({ port }) => kind(port)).map(({ port }) => port.number);
  const http = numbers(isHttp).flatMap((port) => [
    ...rules.compose(atPort(port)).map((route) => renderHttp(route, () => ({ host: hop.host, port: { number: port } }), { gateways: ['mesh'], port })),
    { match: [{ gateways: [hop.gateway], port }], route: [{ destination: rules.destination(undefined, port) }] },
  ]);
  const tls = numbers(isTls).flatMap((port) => [
    { match: [{ gateways: ['mesh'], port, sniHosts: [host] }], route: [{ destination: { host: hop.host, port: { number: port } } }] },
    { match: [{ gateways: [hop.gateway], port, sniHosts: [host] }], route: [{ destination: rules.destination(undefined, port) }] },
  ]);
  return defined({
    hosts: [host],
    gateways: ['mesh', hop.gateway],
    http: http.length > 0 ? http : undefined,
    tls: tls.length > 0 ? tls : undefined,
  });
}
