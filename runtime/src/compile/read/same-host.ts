import type { Endpoint } from '../../model/endpoint';
import { ownPort } from '../../model/endpoint';
import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { Service, ServicePort } from '../../model/service';
import { isDns, portOf } from '../../model/service';
import { visibleTo } from '../../model/workload';
import { ObjectCache } from '../cache';
import { groupBy } from '../groups';

const EVERYBODY = '*';

export interface SameHosts {
  readonly services: readonly Service[];
  readonly problems: readonly Problem[];
}

/**
 * Several objects for one host: each adds its ports, the oldest decides a port that two ServiceEntries have, and within a namespace such a
 * port has everybody behind any of them, listed or selected, as in Istio, which keeps endpoints by namespace and host
 * (pilot/pkg/model/endpointshards.go). What is made of unchanged objects is the same as before.
 */
export class SameHostReader {
  private readonly shared = new ObjectCache<Service, Service>();

  /** @param services oldest first */
  public read(services: readonly Service[]): SameHosts {
    const groups = [...groupBy(services, (one) => one.host).values()].filter((group) => group.length > 1);
    const owned = new Map(groups.flatMap((group) => squatters(group)));
    const problems = groups.flatMap((group) => readConflicts(group.filter((one) => one.registry === 'external' && !owned.has(one))));
    const replaced = new Map(groups.flatMap((group) => group.flatMap((one): [Service, Service][] => {
      const others = group.filter((other) => other !== one && sharesEndpoints(one, other));
      return others.length === 0 ? [] : [[one, this.shared.get(one, others, () => ({ ...one, sharing: others }))]];
    })));
    if (replaced.size === 0 && owned.size === 0) {
      return { services, problems };
    }
    const left = services.filter((one) => !owned.has(one)).map((one) => replaced.get(one) ?? one);
    return { services: left, problems: [...problems, ...[...owned].flatMap(([entry, owner]) => readSquatter(entry, owner))] };
  }
}

/**
 * Entries for the host of a Kubernetes Service that all see, with that Service: it decides what its host is, however old they are, so that
 * nobody takes a host over by an entry (pilot/pkg/model/sidecar.go). Who is behind an entry of its namespace is behind it too.
 */
function squatters(group: readonly Service[]): [Service, Service][] {
  const owner = group.find((one) => one.registry === 'kubernetes' && visibleTo(one.exportTo, EVERYBODY));
  return owner ? group.filter((one) => one.registry === 'external').map((one) => [one, owner]) : [];
}

function readSquatter(entry: Service, owner: Service): Problem[] {
  const problems: Problem[] = [];
  const missing = entry.ports.filter((port) => !owner.ports.some((theirs) => samePort(owner, theirs, port)));
  const place = Place.of(entry.resource, problems).at('spec');
  const whose = `${entry.host} is the host of Service ${owner.namespace}/${owner.resource.name}, which decides what it is`;
  if (!sharesEndpoints(owner, entry)) {
    place.at('hosts').problem(`${whose}: nothing of this entry holds for it; ${entry.namespace === owner.namespace
      ? 'give it a port with the name of one of the Service, and resolution STATIC, to add endpoints, or another host'
      : 'give it another host, or add endpoints by an entry in the namespace of the Service'}`, 'warning');
  } else if (missing.length > 0) {
    place.at('ports').problem(`${whose}: it has no port ${missing.map(({ name }) => name).join(', ')}; add it to the Service`, 'warning');
  }
  return problems;
}

/** Of a name that is looked up alone, DNS_ROUND_ROBIN, there is one only: that of the oldest. */
function sharesEndpoints(one: Service, other: Service): boolean {
  return one.namespace === other.namespace && one.resolution === other.resolution && (one.resolution === 'endpoints' || one.resolution === 'dns')
    && one.ports.some((port) => other.ports.some((theirs) => samePort(one, port, theirs)));
}

/** Endpoints that are pushed are found by the name of the port, those that are looked up by its number: Istio's two ways to the same list. */
function samePort({ resolution }: Service, own: ServicePort, theirs: ServicePort): boolean {
  return isDns(resolution) ? own.number === theirs.number : own.name === theirs.name;
}

/** Everybody behind a service, with those behind the ones it shares with. */
export function shareEndpoints(service: Service, own: readonly Endpoint[], theirs: readonly (readonly Endpoint[])[]): readonly Endpoint[] {
  const known = new Set<string>();
  const others = (service.sharing ?? []).flatMap((other, i) => theirs[i].map((endpoint) => sharedPorts(endpoint, other, service)));
  return [...own, ...others].filter((endpoint) => isNew(known, endpoint, service));
}

/** An endpoint of another object answers that object's ports only. */
function sharedPorts(endpoint: Endpoint, other: Service, service: Service): Endpoint {
  const numbers = service.ports.flatMap((port): [string, number][] => {
    const theirs = other.ports.find((one) => samePort(service, port, one));
    const number = theirs && (ownPort(endpoint, theirs.name) ?? theirs.targetPort);
    return number === undefined ? [] : [[port.name, number]];
  });
  return { ...endpoint, ports: Object.fromEntries(numbers), only: true };
}

function isNew(known: Set<string>, endpoint: Endpoint, service: Service): boolean {
  const key = JSON.stringify([endpoint.address, service.ports.map(({ name, targetPort }) => ownPort(endpoint, name) ?? (endpoint.only ? 0 : targetPort))]);
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
