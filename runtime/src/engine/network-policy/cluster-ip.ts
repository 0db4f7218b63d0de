import ipaddr from 'ipaddr.js';

import type { AddressRange, Opening, PacketFilter } from '../../local/packet-filter';
import type { Endpoint, ServicePort } from '../../local/outside-config';
import type { Isolation } from './isolation';

/** A pod, by its address, and what it is isolated from. */
export interface IsolatedPod {
  readonly address: string;
  readonly isolation: Isolation;
}

/**
 * Pods without a proxy call ClusterIPs, which a policy never names: what counts is the pod behind, as after kube-proxy. So an address is open
 * if one of its endpoints is, and refused if none is.
 */
export function clusterIpRules(
  { address, isolation }: IsolatedPod, services: readonly ServicePort[], isolationAt: (address: string) => Isolation | undefined,
): Pick<PacketFilter, 'refused'> & { readonly open: readonly Opening[] } {
  const isOpen = (endpoint: Endpoint) => lets(isolation.egress, endpoint.address, endpoint.port)
    && lets(isolationAt(endpoint.address)?.ingress, address, endpoint.port);
  const refused = services.filter(({ endpoints }) => endpoints.length > 0 && !endpoints.some(isOpen));
  const open = services.filter((service) => !refused.includes(service));
  return {
    refused: refused.map((service) => ({ address: service.address, port: service.port })),
    open: isolation.egress ? open.map((service): Opening => ({
      addresses: [{ cidr: `${service.address}/32`, except: [] }], ports: [{ protocol: 'tcp', from: service.port, to: service.port }],
    })) : [],
  };
}

/** Whether a TCP connection passes; undefined openings are no isolation. */
export function lets(openings: readonly Opening[] | undefined, address: string, port: number): boolean {
  return openings?.some(({ addresses, ports }) =>
    (addresses === 'all' || addresses.some((range) => holds(range, address)))
    && (ports === 'all' || ports.some(({ protocol, from, to }) => protocol === 'tcp' && from <= port && port <= to))) ?? true;
}

function holds({ cidr, except }: AddressRange, address: string): boolean {
  return isIn(cidr, address) && !except.some((one) => isIn(one, address));
}

function isIn(cidr: string, address: string): boolean {
  return ipaddr.IPv4.isValidCIDR(cidr) && ipaddr.IPv4.isValid(address) && ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));
}
