import { covers, isWildcard } from '../model/host';
import { isHttp } from '../model/protocol';
import type { Service } from '../model/service';
import { portOf } from '../model/service';

/** The services of one port that speak HTTP there, by host. */
export type HttpServices = ReadonlyMap<string, Service>;

export const NO_SERVICES: HttpServices = new Map();

/** By port and host; the first of several services with one host. */
export function httpServices(services: readonly Service[]): Map<number, Map<string, Service>> {
  return byPort(services, isServedOn);
}

/** The same of names for other services. */
export function httpAliases(services: readonly Service[]): Map<number, Map<string, Service>> {
  return byPort(services.filter((service) => service.resolution === 'alias'), speaksHttpOn);
}

function byPort(services: readonly Service[], fits: (service: Service, port: number) => boolean): Map<number, Map<string, Service>> {
  const found = new Map<number, Map<string, Service>>();
  for (const service of services) {
    for (const { number } of service.ports.filter((port) => fits(service, port.number))) {
      const known = found.get(number);
      if (!known) {
        found.set(number, new Map([[service.host, service]]));
      } else if (!known.has(service.host)) {
        known.set(service.host, service);
      }
    }
  }
  return found;
}

/** Those that speak HTTP, the first of several with one host. */
export function firstOfHosts(services: readonly Service[]): readonly Service[] {
  const found = new Map<string, Service>();
  for (const service of services) {
    if (!found.has(service.host) && service.ports.some((port) => isServedOn(service, port.number))) {
      found.set(service.host, service);
    }
  }
  return [...found.values()];
}

export function withFirstPort(service: Service): Service {
  const first = service.ports.find((port) => isServedOn(service, port.number));
  return { ...service, ports: first ? [first] : [] };
}

/** The ports on which hosts are served over HTTP. */
export function servedPorts(services: readonly Service[]): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const service of services) {
    const ports = found.get(service.host) ?? new Set<number>();
    service.ports.filter((port) => isServedOn(service, port.number)).forEach((port) => ports.add(port.number));
    found.set(service.host, ports);
  }
  return found;
}

export function isServedOn(service: Service, port: number): boolean {
  return service.resolution !== 'alias' && speaksHttpOn(service, port);
}

function speaksHttpOn(service: Service, port: number): boolean {
  const protocol = portOf(service, port)?.protocol;
  return protocol !== undefined && (isHttp(protocol) || protocol === 'Auto');
}

/** Whether a host is that of a service, or stands for some. */
export function servedBy(services: HttpServices): (host: string) => boolean {
  const known = new Map<string, boolean>();
  return (host) => {
    let served = known.get(host);
    if (served === undefined) {
      served = isWildcard(host) ? [...services.keys()].some((one) => covers(host, one)) : services.has(host);
      known.set(host, served);
    }
    return served;
  };
}
