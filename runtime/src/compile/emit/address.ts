import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Address, CidrRange } from '../../envoy';
import { uint32 } from '../../envoy';

export const ANY_ADDRESS = '0.0.0.0';
export const LOCALHOST = '127.0.0.1';
/** Inbound connections come from here to the application, so that capture lets them pass; https://github.com/istio/istio/issues/29603 */
export const INBOUND_SOURCE = '127.0.0.6';

const UNIX = 'unix://';

/** Where a listener is: an address, or the path of a socket. */
export function listenerAddress(bind: string, port: number): Address {
  return bind.startsWith(UNIX) ? { pipe: { path: bind.slice(UNIX.length) } } : socketAddress(bind, port);
}

export function socketAddress(address: string, port: number): Address {
  return { socketAddress: { address, portValue: port } };
}

/** An address or a CIDR; undefined where it is neither. Bits behind the prefix are cleared, so that equal ranges look equal. */
export function cidrRange(text: string): CidrRange | undefined {
  const [address, length] = text.split('/');
  const family = isIP(address);
  if (family === 0) {
    return undefined;
  }
  const bits = length === undefined ? (family === 4 ? 32 : 128) : Number(length);
  try {
    const network = family === 4 ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`) : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${bits}`);
    return { addressPrefix: network.toString(), prefixLen: uint32(bits) };
  } catch {
    return undefined;
  }
}
