import type { Route } from '../envoy';
import type { EncodedResource } from '../model/configuration';
import { CLUSTER_DOMAIN, covers, isWildcard } from '../model/host';
import { isHttp } from '../model/protocol';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY } from '../model/route';
import type { Service } from '../model/service';
import { portOf } from '../model/service';
import { InputCache, ObjectCache } from './cache';
import { encodeRouteTable, encodeVirtualHost } from './emit/encoded-routes';
import type { HostGroup, HostNames, PlacedHost } from './emit/host-names';
import { placeHosts } from './emit/host-names';
import type { RouteOptions, Targets } from './emit/route';
import { emitDefaultRoute, emitRoutes } from './emit/route';
import { emitCatchAll, emitVirtualHost, serviceDomains, virtualHostName } from './emit/virtual-host';
import type { Client, EgressScope, Scope } from './scope';
import { ruleInputs, targetInputs, targetsOf } from './targets';

type HttpServices = ReadonlyMap<string, Service>;
type Group = HostGroup<readonly Route[]>;

/** One route table of the proxies that see the same. */
export interface RoutesInput {
  readonly key: string;
  readonly scope: Scope;
  readonly egress: EgressScope;
  readonly port: number;
}

const NO_SERVICES: HttpServices = new Map();

/**
 * Route tables for outgoing requests. One may hold a thousand hosts, so each host is made and encoded for itself, and an edit makes those
 * anew that it is about.
 */
export class OutboundRoutesCompiler {
  private readonly tables = new InputCache<EncodedResource>(2);
  private readonly contents = new InputCache<EncodedResource>(2);
  private readonly places = new InputCache<readonly PlacedHost[]>(2);
  private readonly hosts = new ObjectCache<HostNames, Uint8Array>();
  private readonly rules = new ObjectCache<VirtualService, readonly Route[]>();
  private readonly defaults = new ObjectCache<Service, readonly Route[]>();
  private readonly services = new ObjectCache<readonly Service[], ReadonlyMap<number, HttpServices>>(1);
  private readonly serviceNames = new ObjectCache<Service, HostNames>();
  private readonly ruleNames = new ObjectCache<VirtualService, readonly HostNames[]>(1);
  private readonly unserved = new ObjectCache<VirtualService, readonly HostNames[]>();
  private readonly catchAlls = new InputCache<Uint8Array>(1);

  /** The route table of a port: every HTTP service that listens there, and what becomes of the rest. */
  public portRoutes(input: RoutesInput, unknownHosts: string | undefined): EncodedResource {
    const { scope, egress, port } = input;
    const key = `${input.key} ${port}`;
    return this.tables.get(key, [scope.destinations, egress, unknownHosts], () => {
      const services = this.servicesOf(egress).get(port) ?? NO_SERVICES;
      const groups = this.groups(input, services);
      const sequence = groups.flatMap((group) => [...group.hosts, group.hosts.length]);
      const places = this.places.get(key, [services, ...sequence], () => placeHosts(groups, port, services));
      const encoded = places.map((place) => this.host(place, groups[place.group].routes, port));
      encoded.push(this.catchAlls.get(unknownHosts ?? '', [], () => encodeVirtualHost(emitCatchAll(unknownHosts))));
      return this.contents.get(key, encoded, () => encodeRouteTable(String(port), encoded));
    });
  }

  /** The route table of one service whose protocol the proxy looks up itself: whatever the host is, it is this service. */
  public serviceRoutes(input: RoutesInput, service: Service): EncodedResource {
    const { egress, port } = input;
    const name = virtualHostName(service.host, port);
    const owner = egress.rules.ownerOf(service.host);
    const routes = (owner && nonEmpty(this.rulesOf(input, owner))) ?? this.defaultOf(input, service);
    const served = isServedOn(service, port);
    return this.tables.get(`${input.key} ${name}`, [routes, served], () =>
      encodeRouteTable(name, served ? [encodeVirtualHost(emitVirtualHost(name, ['*'], routes))] : []));
  }

  /** Rules come first and in order: the older one gets a domain that two want. */
  private groups(input: RoutesInput, services: HttpServices): Group[] {
    const { egress: { rules }, port } = input;
    const owned = new Map<VirtualService, Service[]>();
    const plain: Service[] = [];
    const routes = remembered((rule: VirtualService) => this.rulesOf(input, rule));
    for (const service of services.values()) {
      const owner = rules.ownerOf(service.host);
      if (owner && routes(owner).length > 0) {
        append(owned, owner, service);
      } else {
        // Without rules, or the rules are for other callers.
        plain.push(service);
      }
    }
    // Hosts that no service has can be reached on port 80 only: without a service there is no telling which other ports they have.
    const groups = (port === 80 ? rules.all : rules.inOrder(owned.keys())).map((rule): Group => {
      const others = this.unservedHosts(rule, services);
      const own = (owned.get(rule) ?? []).map((service) => this.namesOf(input.scope, service));
      return { hosts: [...others, ...own], routes: others.length + own.length > 0 ? routes(rule) : [] };
    });
    const defaults = plain.map((service): Group => ({ hosts: [this.namesOf(input.scope, service)], routes: this.defaultOf(input, service) }));
    return [...groups.filter((group) => group.hosts.length > 0 && group.routes.length > 0), ...defaults];
  }

  private rulesOf({ scope, port }: RoutesInput, rule: VirtualService): readonly Route[] {
    const { client, destinations } = scope;
    return this.rules.get(rule, [port, ...callerInputs(rule, client), ...ruleInputs(destinations, [rule])], () =>
      emitRoutes(rule, meshCaller(client, port, targetsOf(destinations))));
  }

  private defaultOf({ scope, port }: RoutesInput, service: Service): readonly Route[] {
    const { client, destinations } = scope;
    return this.defaults.get(service, [port, ...targetInputs(destinations, [service.host])], () =>
      [emitDefaultRoute({ host: service.host, subset: '', port }, meshCaller(client, port, targetsOf(destinations)))]);
  }

  private host({ host, name, domains }: PlacedHost, routes: readonly Route[], port: number): Uint8Array {
    const inputs = domains === host.known ? [port, routes] : [port, routes, ...domains];
    return this.hosts.get(host, inputs, () => encodeVirtualHost(emitVirtualHost(name, domains, routes)));
  }

  private namesOf({ client, destinations }: Scope, service: Service): HostNames {
    const aliases = destinations.aliases.get(service.host) ?? [];
    // Only in its own namespace has a service a name without a namespace.
    const suffix = `.${client.namespace}.svc.${CLUSTER_DOMAIN}`;
    const namespace = service.host.endsWith(suffix) || aliases.some((alias) => alias.host.endsWith(suffix)) ? client.namespace : '';
    return this.serviceNames.get(service, [namespace, ...aliases], () => ({ host: service.host, ...serviceDomains(service, aliases, namespace) }));
  }

  /** Hosts of a VirtualService that no service of the port has. */
  private unservedHosts(rule: VirtualService, services: HttpServices): readonly HostNames[] {
    return this.unserved.get(rule, [services], () => {
      const all = this.ruleNames.get(rule, [], () => rule.hosts.map((host) => ({ host, known: [host], short: [] })));
      return all.filter(({ host }) => !isServed(host, services));
    });
  }

  private servicesOf({ services }: EgressScope): ReadonlyMap<number, HttpServices> {
    return this.services.get(services, [], () => httpServices(services));
  }
}

/** As a caller inside the mesh sees it. */
function meshCaller(client: Client, port: number, targets: Targets): RouteOptions {
  return { caller: { ...client, gateway: MESH_GATEWAY, port }, tls: false, targets };
}

/** What of the caller makes a difference: for most rules nothing, so that callers of all namespaces share their routes. */
function callerInputs({ http }: VirtualService, { key }: Client): readonly string[] {
  const asked = http.some((rule) => rule.matches.some((match) => match.sourceNamespace !== undefined || Object.keys(match.sourceLabels).length > 0));
  return asked ? [key] : [];
}

/** By port and host; the first of several services with one host. */
function httpServices(services: readonly Service[]): Map<number, Map<string, Service>> {
  const found = new Map<number, Map<string, Service>>();
  for (const service of services) {
    for (const { number } of service.ports.filter((port) => isServedOn(service, port.number))) {
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

function isServedOn(service: Service, port: number): boolean {
  const protocol = portOf(service, port)?.protocol;
  return service.resolution !== 'alias' && protocol !== undefined && (isHttp(protocol) || protocol === 'Auto');
}

function isServed(host: string, services: HttpServices): boolean {
  return isWildcard(host) ? [...services.keys()].some((known) => covers(host, known)) : services.has(host);
}

function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

function nonEmpty(routes: readonly Route[]): readonly Route[] | undefined {
  return routes.length > 0 ? routes : undefined;
}

function append<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group) {
    group.push(value);
  } else {
    groups.set(key, [value]);
  }
}
