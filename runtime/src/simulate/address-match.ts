import ipaddr from 'ipaddr.js';
import type { CidrRange } from '../envoy';

/** Whether an address is one of the range; an IPv4 address that is written as one of IPv6 counts as what it is. */
export function matchesRange({ addressPrefix = '', prefixLen }: CidrRange, address: string): boolean {
  const [network, ip] = [ipaddr.process(addressPrefix), ipaddr.process(address)];
  return network.kind() === ip.kind() && ip.match(network, prefixLen?.value ?? 0);
}
