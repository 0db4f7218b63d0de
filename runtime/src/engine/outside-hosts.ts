import { isIPv4 } from 'node:net';
import type { ServiceEntrySpec, ServiceEntrySpecPorts } from '../istio';
import type { Service } from '../kubernetes';
import { DEFAULT_PORTS, type StandIn } from '../local/stand-ins';
import { isWildcard } from '../model/host';
import { isHttp, isTls, parseProtocol } from '../model/protocol';
import { resourcesOf, type Snapshot } from '../model/snapshot';

type StandInPorts = NonNullable<StandIn['ports']>;

const HTTPS = 443;

/** The hosts that stand in for the outside: those that were asked for, and those that ServiceEntries lead to. */
export function outsideHosts(snapshot: Snapshot, asked: readonly StandIn[]): StandIn[] {
  const hosts = new Map<string, StandInPorts>(asked.map(({ host, ports = DEFAULT_PORTS }) => [host, ports]));
  const inside = new Set([...resourcesOf(snapshot, '/Service').values()].map((service) => (service as Service).spec?.clusterIP));
  for (const entry of resourcesOf(snapshot, 'networking.istio.io/ServiceEntry').values()) {
    for (const { host, ports } of hostsOf(entry.spec as ServiceEntrySpec)) {
      if (!inside.has(host) && !isInside(host)) {
        hosts.set(host, merge(hosts.get(host) ?? [], ports ?? []));
      }
    }
  }
  return [...hosts].map(([host, ports]) => ({ host, ports }));
}

/** Addresses of pods and of the machine itself, and names of the cluster. */
function isInside(host: string): boolean {
  return /^(10\.244\.|127\.)/.test(host) || host.endsWith('.cluster.local') || (!isIPv4(host) && !host.includes('.'));
}

function hostsOf({ hosts, ports = [], endpoints = [], resolution, workloadSelector }: ServiceEntrySpec): StandIn[] {
  if (endpoints.length > 0) {
    return endpoints.filter(({ address = '' }) => isReachable(address)).map(({ address = '', ports: own = {} }) =>
      ({ host: address.toLowerCase(), ports: ports.map((port) => portOf(port, Object.hasOwn(own, port.name) ? own[port.name] : undefined)) }));
  }
  return workloadSelector || resolution === 'STATIC' ? [] : hosts.map((host) => ({ host: host.toLowerCase(), ports: ports.map((port) => portOf(port)) }));
}

function isReachable(address: string): boolean {
  return isIPv4(address) || (address !== '' && !address.includes(':') && !isWildcard(address));
}

function portOf({ number, targetPort, protocol }: ServiceEntrySpecPorts, own?: number): StandInPorts[number] {
  const port = own ?? (targetPort || number);
  const spoken = parseProtocol(protocol);
  // Plain requests to port 443 become TLS on the way, by the policy of their destination.
  const tls = isTls(spoken) || port === HTTPS;
  return { port, protocol: tls ? 'tls' : isHttp(spoken) || spoken === 'Auto' ? 'http' : 'tcp' };
}

function merge(known: StandInPorts, more: StandInPorts): StandInPorts {
  const all = new Map([...more, ...known].map((one) => [one.port, one]));
  return [...all.values()];
}
