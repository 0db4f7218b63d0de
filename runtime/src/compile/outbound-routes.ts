import type { Route } from '../envoy';
import type { EncodedResource } from '../model/configuration';
import { CLUSTER_DOMAIN, isWildcard } from '../model/host';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY } from '../model/route';
import type { Service } from '../model/service';
import { Derived, InputCache, ObjectCache, sameItems } from './cache';
import { encodeRouteTable, encodeVirtualHost } from './emit/encoded-routes';
import type { HostGroup, HostNames, PlacedHost } from './emit/host-names';
import { placeHosts } from './emit/host-names';
import { emitDefaultRoute } from './emit/route';
import { emitCatchAll, emitVirtualHost, serviceDomains, virtualHostName } from './emit/virtual-host';
import { append } from './groups';
import type { HostRules } from './host-rules';
import type { HttpServices } from './http-services';
import { firstOfHosts, httpAliases, httpServices, isServedOn, NO_SERVICES, servedBy, withFirstPort } from './http-services';
import { changeOf } from './list-change';
import type { Call } from './rule-routes';
import { RuleRoutes, routeOptions } from './rule-routes';
import type { EgressScope, Scope } from './scope';
import { targetInputs } from './targets';

interface Group extends HostGroup<readonly Route[]> {
  /** Undefined: a service without rules. */
  readonly rule?: VirtualService;
}

/** The route table of a port, and what the next one is made from after an edit. */
interface PortTable {
  readonly services: HttpServices;
  readonly parts: TableParts;
  readonly rules: HostRules;
  readonly groups: readonly Group[];
  readonly places: readonly PlacedHost[];
  /** Of every place, and after them all what becomes of unknown hosts. */
  readonly encoded: readonly Uint8Array[];
  readonly resource: EncodedResource;
}

/** One route table of the proxies that see the same. */
export interface RoutesInput {
  readonly key: string;
  readonly scope: Scope;
  readonly egress: EgressScope;
  readonly port: number;
  /** Only hosts of services are in it. @default false */
  readonly servicesOnly?: boolean;
}

/** What a table is made of, for as long as the destinations stay what they are. */
interface TableParts {
  readonly routes: Derived<VirtualService, readonly Route[]>;
  readonly defaults: Derived<Service, readonly Route[]>;
  readonly names: Derived<Service, HostNames>;
}

const NO_HOSTS: readonly HostNames[] = [];

/**
 * Route tables for outgoing requests. One may hold a thousand hosts, so each host is made and encoded for itself, and an edit makes those
 * anew that it is about.
 */
export class OutboundRoutesCompiler {
  private readonly ports = new InputCache<PortTable>(2);
  private readonly tables = new InputCache<EncodedResource>(2);
  private readonly contents = new InputCache<EncodedResource>(2);
  private readonly places = new InputCache<readonly PlacedHost[]>(2);
  private readonly hosts = new ObjectCache<HostNames, Uint8Array>();
  private readonly rules = new RuleRoutes();
  private readonly defaults = new ObjectCache<Service, readonly Route[]>();
  private readonly services = new Derived(httpServices);
  private readonly aliases = new Derived(httpAliases);
  private readonly atFirst = new Derived(withFirstPort);
  private readonly firsts = new Derived((services: readonly Service[]) => httpServices(firstOfHosts(services).map((service) => this.atFirst.of(service))));
  private readonly serviceNames = new ObjectCache<Service, HostNames>();
  private readonly ruleNames = new Derived((rule: VirtualService) => rule.hosts.map((host) => this.nameOf(host)));
  private readonly names = new InputCache<HostNames>(1);
  private readonly served = new Derived(servedBy);
  private readonly parts = new InputCache<TableParts>(2);
  private readonly catchAlls = new InputCache<Uint8Array>(1);

  /** The route table of a port: every HTTP service that listens there, and what becomes of the rest. */
  public portRoutes(input: RoutesInput, unknownHosts: string | undefined): EncodedResource {
    const { scope, egress, port } = input;
    const key = `${input.key} ${port}`;
    return this.ports.get(key, [scope.destinations, egress, unknownHosts], () => {
      const services = this.services.of(egress.services).get(port) ?? NO_SERVICES;
      const { groups, places, encoded: hosts } = this.followed(key, input, services) ?? this.placed(key, input, services);
      const encoded = [...hosts.slice(0, places.length), this.catchAll(input, unknownHosts)];
      const resource = this.contents.get(key, encoded, () => encodeRouteTable(String(port), encoded, scope.destinations.switches));
      return { services, parts: this.partsOf(input), rules: egress.rules, groups, places, encoded, resource };
    }).resource;
  }

  /**
   * The route table of a Unix socket: requests there name no port, so each service is reached at its first port of HTTP. Istio knows services
   * there by `host:port`, which Envoy never finds since it is told to leave the port of requests out: only those whose first port is 80 are
   * reached (mergeAllVirtualHosts of pilot/pkg/networking/core/httproute.go).
   */
  public socketRoutes(input: RoutesInput, name: string, unknownHosts: string | undefined): EncodedResource {
    const hosts = [...this.firsts.of(input.egress.services)].flatMap(([port, services]) =>
      this.placed(`${input.key} ${name} ${port}`, { ...input, port, servicesOnly: true }, services).encoded);
    const encoded = [...hosts, this.catchAll(input, unknownHosts)];
    return this.contents.get(`${input.key} ${name}`, encoded, () => encodeRouteTable(name, encoded, input.scope.destinations.switches));
  }

  /** What `portRoutes` needs, rule by rule and service by service: others may have their turn in between. */
  public * prepare(input: RoutesInput): Generator<void> {
    const { scope, egress, port } = input;
    if (this.ports.latest(`${input.key} ${port}`)?.parts === this.partsOf(input)) {
      return;
    }
    for (const service of this.services.of(egress.services).get(port)?.values() ?? []) {
      const parts = this.partsOf(input);
      if (!ownerOf(egress.rules, service, parts)) {
        parts.defaults.of(service);
      }
      yield;
    }
    for (const rule of port === 80 ? egress.rules.all : []) {
      this.rules.of(rule, { client: scope.client, destinations: scope.destinations, gateway: MESH_GATEWAY, port, tls: false });
      yield;
    }
  }

  private placed(key: string, input: RoutesInput, services: HttpServices): Pick<PortTable, 'groups' | 'places' | 'encoded'> {
    const { port } = input;
    const groups = this.groups(input, services);
    const sequence = groups.flatMap((group) => [...group.hosts, group.hosts.length]);
    const places = this.places.get(key, [services, ...sequence], () => placeHosts(groups, port, services));
    return { groups, places, encoded: places.map((place) => this.host(place, groups[place.group].routes, input)) };
  }

  /** The same after an edit of rules that leaves every host where it is. */
  private followed(key: string, input: RoutesInput, services: HttpServices): Pick<PortTable, 'groups' | 'places' | 'encoded'> | undefined {
    const before = this.ports.latest(key);
    const edited = before?.services === services && before.parts === this.partsOf(input) ? editedGroups(before, input.egress.rules) : undefined;
    if (!before || !edited || edited.size === 0) {
      return edited && before;
    }
    const { places } = before;
    return {
      groups: before.groups.map((group, i) => edited.get(i) ?? group),
      places,
      encoded: places.map((place, i) => {
        const group = edited.get(place.group);
        return group ? this.host(place, group.routes, input) : before.encoded[i];
      }),
    };
  }

  /** The route table of one service whose protocol the proxy looks up itself: whatever the host is, it is this service. */
  public serviceRoutes(input: RoutesInput, service: Service): EncodedResource {
    const { egress, port } = input;
    const name = virtualHostName(service.host, port);
    const parts = this.partsOf(input);
    const owner = ownerOf(egress.rules, service, parts);
    const routes = owner ? parts.routes.of(owner) : parts.defaults.of(service);
    const served = isServedOn(service, port);
    const { proxy, switches } = input.scope.destinations;
    return this.tables.get(`${input.key} ${name}`, [routes, served, proxy.attemptCount], () =>
      encodeRouteTable(name, served ? [encodeVirtualHost(emitVirtualHost(name, ['*'], routes, proxy))] : [], switches));
  }

  /** Rules come first and in order: the older one gets a domain that two want. */
  private groups(input: RoutesInput, services: HttpServices): Group[] {
    const { egress: { rules }, port, servicesOnly } = input;
    const parts = this.partsOf(input);
    const { routes, defaults, names } = parts;
    const aliases = servicesOnly ? NO_SERVICES : this.aliases.of(input.egress.services).get(port) ?? NO_SERVICES;
    const { owned, plain } = byOwner(rules, [...services.values(), ...aliases.values()], parts);
    // Hosts that no service has can be reached on port 80 only: without a service there is no telling which other ports they have.
    const groups = (port === 80 && !servicesOnly ? rules.all : rules.inOrder(new Set(owned.keys()))).map((rule): Group => {
      const others = servicesOnly || isOfServices(rule) ? [] : this.unservedHosts(rule, services).filter(({ host }) => !aliases.has(host));
      const hosts = [...others, ...(owned.get(rule) ?? []).map((service) => names.of(service))];
      return { hosts, routes: hosts.length > 0 ? routes.of(rule) : [], rule };
    });
    const others = plain.filter((service) => !aliases.has(service.host)).map((service): Group => ({ hosts: [names.of(service)], routes: defaults.of(service) }));
    return [...groups.filter((group) => group.routes.length > 0), ...others];
  }

  /** Most edits leave the destinations alone; then one look is enough for everything that is not edited. */
  private partsOf({ key, scope: { client, destinations }, port }: RoutesInput): TableParts {
    return this.parts.get(`${key} ${port}`, [destinations], () => {
      const call: Call = { client, destinations, gateway: MESH_GATEWAY, port, tls: false };
      return {
        routes: new Derived((rule) => this.rules.of(rule, call)),
        defaults: new Derived((service) => this.defaultOf(call, service)),
        names: new Derived((service) => this.namesOf(call, service)),
      };
    });
  }

  private defaultOf(call: Call, service: Service): readonly Route[] {
    const { destinations, port } = call;
    return this.defaults.get(service, [port, destinations.routeDefaults, ...targetInputs(destinations, [service.host])], () =>
      [emitDefaultRoute({ host: service.host, subset: '', port }, routeOptions(call))]);
  }

  private catchAll({ scope: { destinations: { proxy } } }: RoutesInput, unknownHosts: string | undefined): Uint8Array {
    return this.catchAlls.get(`${unknownHosts ?? ''} ${proxy.attemptCount}`, [], () => encodeVirtualHost(emitCatchAll(unknownHosts, proxy)));
  }

  private host({ host, name, domains }: PlacedHost, routes: readonly Route[], { port, scope: { destinations: { proxy } } }: RoutesInput): Uint8Array {
    const inputs = [port, proxy.attemptCount, routes, ...domains === host.known ? [] : domains];
    return this.hosts.get(host, inputs, () => encodeVirtualHost(emitVirtualHost(name, domains, routes, proxy)));
  }

  private namesOf({ client, destinations }: Call, service: Service): HostNames {
    const aliases = destinations.aliases.get(service.host) ?? [];
    // Only in its own namespace has a service a name without a namespace.
    const suffix = `.${client.namespace}.svc.${CLUSTER_DOMAIN}`;
    const namespace = service.host.endsWith(suffix) || aliases.some((alias) => alias.host.endsWith(suffix)) ? client.namespace : '';
    return this.serviceNames.get(service, [namespace, ...aliases], () => ({
      host: service.host, ...serviceDomains(service, aliases, { namespace, absolute: destinations.switches.absoluteNames }),
    }));
  }

  private nameOf(host: string): HostNames {
    return this.names.get(host, [], () => ({ host, known: [host], short: [] }));
  }

  /** Hosts of a VirtualService that no service of the port has. */
  private unservedHosts(rule: VirtualService, services: HttpServices): readonly HostNames[] {
    const all = this.ruleNames.of(rule);
    return all.every(({ host }) => services.has(host)) ? NO_HOSTS : all.filter(({ host }) => !this.served.of(services)(host));
  }
}

/** The groups whose routes are others, by their places; undefined where rules might be for other hosts, or for other callers. */
function editedGroups({ groups, rules: old, parts: { routes } }: PortTable, rules: HostRules): ReadonlyMap<number, Group> | undefined {
  const { gone, come } = changeOf(old.all, rules.all);
  const alike = gone.length === come.length && gone.every((one, i) => sameItems(one.hosts, come[i].hosts) && !one.hosts.some(isWildcard)
    && routes.of(one).length > 0 === routes.of(come[i]).length > 0);
  return alike ? new Map(gone.flatMap((one, i) => {
    const at = groups.findIndex((group) => group.rule === one);
    return at < 0 ? [] : [[at, { ...groups[at], rule: come[i], routes: routes.of(come[i]) }]];
  })) : undefined;
}

/** Routes of the Gateway API for sidecars are for services, on the ports that those have (`buildSidecarVirtualHostsForVirtualService`). */
function isOfServices({ resource }: VirtualService): boolean {
  return resource.kind !== 'VirtualService';
}

/**
 * What every rule is for. Of several for one host the first has it (`placeHosts`), but all of them have whatever other hosts they name. Names
 * for other services are hosts of their own only where rules are for them.
 */
function byOwner(rules: HostRules, services: readonly Service[], { routes }: TableParts) {
  const owned = new Map<VirtualService, Service[]>();
  const plain: Service[] = [];
  for (const service of services) {
    const owners = rules.ownersOf(service.host).filter((owner) => routes.of(owner).length > 0);
    owners.forEach((owner) => append(owned, owner, service));
    if (owners.length === 0) {
      plain.push(service);
    }
  }
  return { owned, plain };
}

/** Undefined: there are no rules, or they are for other callers. */
function ownerOf(rules: HostRules, service: Service, { routes }: TableParts): VirtualService | undefined {
  return rules.ownersOf(service.host).find((owner) => routes.of(owner).length > 0);
}
