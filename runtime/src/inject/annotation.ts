import { isIP } from 'node:net';
import type { PodTemplate } from '../kubernetes';

/** Something wrong with an annotation that shapes the sidecar. */
export interface AnnotationFault {
  readonly name: string;
  readonly message: string;
}

type Check = (value: string) => string | undefined;

const items = (value: string): string[] => value.split(',').map((item) => item.trim()).filter((item) => item !== '');

const ports: Check = (value) => {
  const wrong = items(value).find((item) => !/^\d{1,5}$/.test(item) || Number(item) < 1 || Number(item) > 65535);
  return wrong === undefined ? undefined : `expected ports with commas between, such as "80,9080", got "${wrong}"`;
};
const portsOrAll: Check = (value) => (value.trim() === '*' ? undefined : ports(value));

const ranges: Check = (value) => {
  const wrong = items(value).find((item) => !isRange(item));
  return wrong === undefined ? undefined : `expected address ranges with commas between, such as "10.0.0.0/8", got "${wrong}"`;
};
const rangesOrAll: Check = (value) => (value.trim() === '*' ? undefined : ranges(value));

const interfaces: Check = (value) => {
  const wrong = items(value).find((item) => !/^[\w.@:-]{1,15}$/.test(item));
  return wrong === undefined ? undefined : `expected names of network interfaces with commas between, got "${wrong}"`;
};

const mode: Check = (value) => (['REDIRECT', 'NONE'].includes(value) ? undefined : `only REDIRECT and NONE are handled, got "${value}": REDIRECT is used`);

const CHECKS: Readonly<Record<string, Check>> = {
  'sidecar.istio.io/interceptionMode': mode,
  'traffic.sidecar.istio.io/includeInboundPorts': portsOrAll,
  'traffic.sidecar.istio.io/excludeInboundPorts': ports,
  'traffic.sidecar.istio.io/includeOutboundPorts': ports,
  'traffic.sidecar.istio.io/excludeOutboundPorts': ports,
  'traffic.sidecar.istio.io/includeOutboundIPRanges': rangesOrAll,
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': ranges,
  'traffic.sidecar.istio.io/excludeInterfaces': interfaces,
  'traffic.sidecar.istio.io/kubevirtInterfaces': interfaces,
  'istio.io/reroute-virtual-interfaces': interfaces,
};

/** Annotations that cannot be meant: they would end up as arguments of iptables. */
export function annotationFaults({ metadata }: PodTemplate): AnnotationFault[] {
  return Object.entries(metadata?.annotations ?? {}).flatMap(([name, value]) => {
    const message = Object.hasOwn(CHECKS, name) ? CHECKS[name](value) : undefined;
    return message ? [{ name, message }] : [];
  });
}

function isRange(item: string): boolean {
  const [address, bits, ...rest] = item.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
