import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { readCaptureArguments } from '../../agent/capture';
import type { Pod } from '../../kubernetes';

const PROXY_CONTAINER = 'istio-proxy';
const CAPTURE_CONTAINER = 'istio-init';
const DNS_CAPTURE = 'ISTIO_META_DNS_CAPTURE';
/** Where the addresses are that the mesh gives hosts without any. */
const MESH_ADDRESSES = ipaddr.IPv4.parse('240.240.0.0');

/**
 * Whether the applications of a pod learn the mesh's addresses of hosts outside, as with Istio's DNS proxying: their proxy must take
 * connections to these, or they would lead nowhere. Unlike in Istio it is so unless told otherwise, since here nobody else knows the names.
 */
export function isToldNames({ spec: { containers, initContainers = [] } }: Pod): boolean {
  const proxy = [...initContainers, ...containers].find(({ name }) => name === PROXY_CONTAINER);
  const words = initContainers.find(({ name }) => name === CAPTURE_CONTAINER)?.args?.slice(1);
  if (!proxy || !words) {
    return false;
  }
  const said = proxy.env?.find(({ name }) => name === DNS_CAPTURE)?.value;
  if (said !== undefined) {
    return said === 'true';
  }
  const { mode, includeOutboundRanges, excludeOutboundRanges, excludeOutboundPorts } = readCaptureArguments(words).options;
  return mode === 'REDIRECT' && excludeOutboundPorts.length === 0 && includeOutboundRanges.some(holds) && !excludeOutboundRanges.some(holds);
}

function holds(range: string): boolean {
  if (range === '*') {
    return true;
  }
  const [address, bits = '32'] = range.split('/');
  return isIPv4(address) && Number(bits) <= 16 && MESH_ADDRESSES.match(ipaddr.IPv4.parse(address), Number(bits));
}
