import type { Endpoint } from '../../model/endpoint';
import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { Service, ServicePort } from '../../model/service';
import { portOf } from '../../model/service';
import { ObjectCache } from '../cache';
import { groupBy } from '../groups';

export interface SameHosts {
  readonly services: readonly Service[];
  readonly problems: readonly Problem[];
}

/**
 * Several ServiceEntries for one host: each adds its ports, the oldest decides a port that two have, and within a namespace such a port has
 * the endpoints of both, as in Istio. What is made of unchanged entries is the same as before.
 */
export class SameHostReader {
  private readonly merged = new ObjectCache<Service, Service>();

  /** @param services oldest first */
  public read(services: readonly Service[]): SameHosts {
    const groups = [...groupBy(services.filter((one) => one.registry === 'external'), (one) => one.host).values()].filter((group) => group.length > 1);
    const problems = groups.flatMap(readConflicts);
    const replaced = new Map(groups.flatMap((group) => group.flatMap((one, i): [Service, Service][] => {
      const younger = group.slice(i + 1).filter((other) => sharesEndpoints(one, other));
      return younger.length === 0 ? [] : [[one, this.merged.get(one, younger, () => addEndpoints(one, younger))]];
    })));
    return { services: replaced.size === 0 ? services : services.map((one) => replaced.get(one) ?? one), problems };
  }
}

function sharesEndpoints(older: Service, younger: Service): boolean {
  return older.namespace === younger.namespace && older.resolution === younger.resolution && younger.endpoints.length > 0
    && younger.ports.some((port) => samePort(older, port));
}

function samePort(service: Service, { number, name, protocol }: ServicePort): boolean {
  const own = portOf(service, number);
  return own?.name === name && own.protocol === protocol;
}

function addEndpoints(service: Service, younger: readonly Service[]): Service {
  const known = new Set<string>();
  const endpoints = [...service.endpoints, ...younger.flatMap((other) => other.endpoints.map((endpoint) => ownPorts(endpoint, other, service)))];
  return { ...service, endpoints: endpoints.filter((endpoint) => isNew(known, endpoint, service)) };
}

/** An endpoint of another entry answers that entry's ports only. */
function ownPorts(endpoint: Endpoint, { ports }: Service, service: Service): Endpoint {
  const shared = ports.filter((port) => samePort(service, port));
  const numbers = shared.flatMap(({ name, targetPort }): [string, number][] => {
    const number = endpoint.ports[name] ?? targetPort;
    return number === undefined ? [] : [[name, number]];
  });
  return { ...endpoint, ports: Object.fromEntries(numbers), only: true };
}

function isNew(known: Set<string>, endpoint: Endpoint, service: Service): boolean {
  const key = JSON.stringify([endpoint.address, service.ports.map(({ name, targetPort }) => endpoint.ports[name] ?? (endpoint.only ? 0 : targetPort))]);
  const isFirst = !known.has(key);
  known.add(key);
  return isFirst;
}

/** A port that two entries give different protocols; https://istio.io/latest/docs/reference/config/analysis/ist0177/ */
function readConflicts(group: readonly Service[]): Problem[] {
  const problems: Problem[] = [];
  group.forEach((service, i) => service.ports.forEach((port, j) => {
    const older = group.slice(0, i).find((other) => other.resource !== service.resource && conflicts(portOf(other, port.number), port));
    if (older) {
      const { name, namespace } = older.resource;
      const place = Place.of(service.resource, problems).at('spec').at('ports').at(j).at('protocol');
      const theirs = portOf(older, port.number)?.protocol ?? '';
      place.problem(`port ${port.number} of ${service.host} speaks ${port.protocol} here and ${theirs} in ServiceEntry ${namespace}/${name}, which is older and decides: `
        + 'give both the same protocol', 'warning');
    }
  }));
  return problems;
}

function conflicts(older: ServicePort | undefined, port: ServicePort): boolean {
  return older !== undefined && older.protocol !== port.protocol;
}
