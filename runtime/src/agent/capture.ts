import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';

/** What of a pod's traffic goes through its proxy: istio-iptables' settings. Lists of ports hold numbers, or `*` for all. */
export interface CaptureOptions {
  readonly outboundPort: number;
  readonly inboundPort: number;
  readonly proxyUser: number;
  readonly mode: 'REDIRECT' | 'NONE';
  readonly includeInboundPorts: readonly string[];
  readonly excludeInboundPorts: readonly string[];
  readonly includeOutboundPorts: readonly string[];
  readonly excludeOutboundPorts: readonly string[];
  readonly includeOutboundRanges: readonly string[];
  readonly excludeOutboundRanges: readonly string[];
  readonly excludeInterfaces: readonly string[];
  readonly rerouteInterfaces: readonly string[];
}

export interface CaptureReading {
  readonly options: CaptureOptions;
  /** What was left out because it cannot be read, one sentence each. */
  readonly messages: readonly string[];
}

const FLAGS = {
  'envoy-port': { type: 'string', short: 'p', default: '15001' },
  'inbound-capture-port': { type: 'string', short: 'z', default: '15006' },
  'proxy-uid': { type: 'string', short: 'u', default: '1337' },
  'istio-inbound-interception-mode': { type: 'string', short: 'm', default: 'REDIRECT' },
  'istio-service-cidr': { type: 'string', short: 'i', default: '*' },
  'istio-service-exclude-cidr': { type: 'string', short: 'x', default: '' },
  'istio-inbound-ports': { type: 'string', short: 'b', default: '*' },
  'istio-local-exclude-ports': { type: 'string', short: 'd', default: '' },
  'istio-outbound-ports': { type: 'string', short: 'q', default: '' },
  'istio-local-outbound-ports-exclude': { type: 'string', short: 'o', default: '' },
  'istio-exclude-interfaces': { type: 'string', short: 'c', default: '' },
  'kube-virt-interfaces': { type: 'string', short: 'k', default: '' },
} as const;

/** Reads the words of `mesh capture`, which are istio-iptables'. Nothing is thrown: they come from annotations that users wrote. */
export function readCaptureArguments(argv: readonly string[]): CaptureReading {
  const messages: string[] = [];
  const { values, positionals } = parseArgs({ args: [...argv], options: FLAGS, strict: false, allowPositionals: true });
  const unknown = [...Object.keys(values).filter((name) => !Object.hasOwn(FLAGS, name)).map((name) => `--${name}`), ...positionals];
  messages.push(...unknown.map((word) => `${word}: no such option of capture`));
  const text = (name: keyof typeof FLAGS): string => String(values[name]);
  const list = (name: keyof typeof FLAGS, { fits, expected }: Shape): string[] => text(name).split(',').map((item) => item.trim()).filter((item) => {
    if (item !== '' && !fits(item)) messages.push(`${item} in ${name}: expected ${expected}`);
    return item !== '' && fits(item);
  });
  const number = (name: 'envoy-port' | 'inbound-capture-port' | 'proxy-uid', shape = PORT): number => Number(list(name, shape)[0] ?? FLAGS[name].default);
  const mode = text('istio-inbound-interception-mode');
  if (mode !== 'REDIRECT' && mode !== 'NONE') messages.push(`interception mode ${mode}: expected REDIRECT or NONE; REDIRECT is used`);
  const options: CaptureOptions = {
    outboundPort: number('envoy-port'),
    inboundPort: number('inbound-capture-port'),
    proxyUser: number('proxy-uid', USER),
    mode: mode === 'NONE' ? 'NONE' : 'REDIRECT',
    includeInboundPorts: list('istio-inbound-ports', PORT_OR_ALL),
    excludeInboundPorts: list('istio-local-exclude-ports', PORT),
    includeOutboundPorts: list('istio-outbound-ports', PORT),
    excludeOutboundPorts: list('istio-local-outbound-ports-exclude', PORT),
    includeOutboundRanges: list('istio-service-cidr', RANGE_OR_ALL).filter(isOfVersion4),
    excludeOutboundRanges: list('istio-service-exclude-cidr', RANGE).filter(isOfVersion4),
    excludeInterfaces: list('istio-exclude-interfaces', INTERFACE),
    rerouteInterfaces: list('kube-virt-interfaces', INTERFACE),
  };
  return { options, messages };
}

interface Shape { fits(item: string): boolean; readonly expected: string }

const isPort = (item: string): boolean => /^\d{1,5}$/.test(item) && Number(item) > 0 && Number(item) < 65_536;
const isOfVersion4 = (item: string): boolean => item === '*' || isIPv4(item.split('/')[0] ?? '');

function isRange(item: string): boolean {
  const [address = '', length = '', ...rest] = item.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  // Ranges of IPv6 are right, and of no use where pods have IPv4 addresses only.
  return isIPv4(address) ? Number(length) <= 32 : /^[0-9a-f:.]+$/i.test(address) && address.includes(':') && Number(length) <= 128;
}

const PORT: Shape = { fits: isPort, expected: 'a port number' };
const PORT_OR_ALL: Shape = { fits: (item) => item === '*' || isPort(item), expected: 'a port number or *' };
const USER: Shape = { fits: (item) => /^\d{1,10}$/.test(item), expected: 'a user id' };
const RANGE: Shape = { fits: isRange, expected: 'a range of addresses such as 10.0.0.0/8' };
const RANGE_OR_ALL: Shape = { fits: (item) => item === '*' || isRange(item), expected: 'a range of addresses such as 10.0.0.0/8, or *' };
const INTERFACE: Shape = { fits: (item) => /^[\w.+-]{1,15}$/.test(item), expected: 'the name of a network interface' };
