import { isIPv4, isIPv6 } from 'node:net';
import type { IConstruct } from 'constructs';
import type { Capture } from '../capture';
import { MeshError } from '../mesh-error';
import { checkWhole } from './number-range';

const PREFIX = 'traffic.sidecar.istio.io/';

/** The annotations of a pod, as Istio reads them; an empty list is an empty text. */
export function captureAnnotations(capture: Capture): Readonly<Record<string, string>> {
  const lists: readonly (readonly [string, readonly (string | number)[] | '*' | undefined])[] = [
    ['includeOutboundIPRanges', capture.includeOutboundIpRanges],
    ['excludeOutboundIPRanges', capture.excludeOutboundIpRanges],
    ['includeOutboundPorts', capture.includeOutboundPorts],
    ['excludeOutboundPorts', capture.excludeOutboundPorts],
    ['includeInboundPorts', capture.includeInboundPorts],
    ['excludeInboundPorts', capture.excludeInboundPorts],
    ['excludeInterfaces', capture.excludeInterfaces],
  ];
  return Object.fromEntries(lists.flatMap(([name, list]) => (list === undefined ? [] : [[PREFIX + name, typeof list === 'string' ? list : list.join(',')]])));
}

/** Refuses ranges and ports that Istio's injector refuses, which would leave pods uninjected. */
export function checkCapture(capture: Capture, construct: IConstruct): Capture {
  const ranges = { includeOutboundIpRanges: capture.includeOutboundIpRanges, excludeOutboundIpRanges: capture.excludeOutboundIpRanges };
  for (const [name, list] of Object.entries(ranges)) {
    (list === undefined || typeof list === 'string' ? [] : list).forEach((range) => checkRange(range, `capture.${name}`, construct));
  }
  const { includeOutboundPorts, excludeOutboundPorts, includeInboundPorts, excludeInboundPorts } = capture;
  for (const [name, list] of Object.entries({ includeOutboundPorts, excludeOutboundPorts, includeInboundPorts, excludeInboundPorts })) {
    (list === undefined || typeof list === 'string' ? [] : list).forEach((port) => checkWhole(port, `capture.${name}`, construct, { min: 1, max: 65535 }));
  }
  return capture;
}

/** An address, a slash and the number of bits that count; the others must be zero, because nobody can know what was meant by them. */
function checkRange(range: string, name: string, construct: IConstruct): void {
  const [address, bits, ...rest] = range.split('/');
  const invalid = (problem: string, fix: string) => new MeshError({ construct, code: 'invalid-value', problem, fix });
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (most === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? '') || Number(bits) > most) {
    throw invalid(`${name} has "${range}", which is no range of addresses`, 'write it with its length: "10.96.0.0/12", or "10.1.2.3/32" for one address');
  }
  const network = most === 32 ? networkOf(address, Number(bits)) : address;
  if (network !== address) {
    throw invalid(`${name} has "${range}", an address inside a range`, `write "${network}/${bits}" for the range, or "${address}/${most}" for the one address`);
  }
}

function networkOf(address: string, bits: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(value / size) * size;
  return [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.');
}
