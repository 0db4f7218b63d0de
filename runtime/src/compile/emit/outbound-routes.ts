import type { Route, RouteConfiguration, VirtualHost } from '../../envoy';
import { bySpecificity, covers, isWildcard } from '../../model/host';
import { isHttp } from '../../model/protocol';
import type { VirtualService } from '../../model/route';
import { MESH_GATEWAY } from '../../model/route';
import type { Service } from '../../model/service';
import { portOf } from '../../model/service';
import type { EgressScope, Scope } from '../scope';
import type { RouteOptions, Targets } from './route';
import { byName, emitCatchAll, emitRouteConfiguration, emitVirtualHost, serviceDomains, virtualHostName } from './virtual-host';

export interface OutboundRoutesOptions {
  readonly scope: Scope;
  readonly egress: EgressScope;
  /** Where requests to unknown hosts go; undefined: nowhere. */
  readonly unknownHosts: string | undefined;
  /** The routes of a VirtualService for callers of a port. */
  rulesFor(virtualService: VirtualService, port: number): readonly Route[];
  /** The routes of a service without rules. */
  plainFor(service: Service, port: number): readonly Route[];
}

/** Hosts on one port, and the routes they share. */
interface HostGroup {
  readonly services: readonly Service[];
  /** Hosts of a VirtualService that no service has. */
  readonly otherHosts: readonly string[];
  readonly routes: readonly Route[];
}

/** The route table of one port: every HTTP service that listens there, and what becomes of the rest. */
export function emitOutboundRoutes(port: number, options: OutboundRoutesOptions): RouteConfiguration {
  const hosts = virtualHosts(port, options).sort(byName);
  return emitRouteConfiguration(String(port), [...hosts, emitCatchAll(options.unknownHosts)]);
}

/** The route table of one service whose protocol the proxy looks up itself: whatever the host is, it is this service. */
export function emitServiceRoutes(service: Service, port: number, options: OutboundRoutesOptions): RouteConfiguration {
  const own = virtualHosts(port, options).filter((host) => host.domains?.includes(service.host));
  return emitRouteConfiguration(virtualHostName(service.host, port), own.slice(0, 1).map((host) => ({ ...host, domains: ['*'] })));
}

function virtualHosts(port: number, options: OutboundRoutesOptions): VirtualHost[] {
  const services = httpServices(port, options.egress.services);
  const groups = [...ruleGroups(port, services, options), ...plainGroups(port, services, options)];
  const taken = new Domains(services);
  return groups.flatMap((group) => groupHosts(group, port, { scope: options.scope, taken }));
}

/** By host; the first of several services with one host. */
function httpServices(port: number, services: readonly Service[]): Map<string, Service> {
  const found = new Map<string, Service>();
  for (const service of services) {
    const protocol = portOf(service, port)?.protocol;
    if (service.resolution !== 'alias' && protocol && (isHttp(protocol) || protocol === 'Auto') && !found.has(service.host)) {
      found.set(service.host, service);
    }
  }
  return found;
}

/** As a caller inside the mesh sees it. */
export function meshRouteOptions(port: number, scope: Scope, targets: Targets): RouteOptions {
  return { caller: { ...scope.client, gateway: MESH_GATEWAY, port }, tls: false, targets };
}

function ruleGroups(port: number, services: ReadonlyMap<string, Service>, options: OutboundRoutesOptions): HostGroup[] {
  const owned = ownedServices(services, options.egress.virtualServices);
  return options.egress.virtualServices.flatMap((one): HostGroup[] => {
    const own = owned.get(one) ?? [];
    // Hosts that no service has can be reached on port 80 only: without a service there is no telling which other ports they have.
    const otherHosts = port === 80 || own.length > 0 ? one.hosts.filter((host) => !isServed(host, services)) : [];
    if (own.length === 0 && otherHosts.length === 0) {
      return [];
    }
    const routes = options.rulesFor(one, port);
    return routes.length > 0 ? [{ services: own, otherHosts, routes }] : [];
  });
}

function isServed(host: string, services: ReadonlyMap<string, Service>): boolean {
  return isWildcard(host) ? [...services.keys()].some((known) => covers(host, known)) : services.has(host);
}

function ownedServices(services: ReadonlyMap<string, Service>, virtualServices: readonly VirtualService[]): Map<VirtualService, Service[]> {
  const owners = new Owners(virtualServices);
  const owned = new Map<VirtualService, Service[]>();
  for (const service of services.values()) {
    const owner = owners.of(service.host);
    if (owner) {
      owned.set(owner, [...(owned.get(owner) ?? []), service]);
    }
  }
  return owned;
}

/** Services without rules, or whose rules are for other callers. */
function plainGroups(port: number, services: ReadonlyMap<string, Service>, options: OutboundRoutesOptions): HostGroup[] {
  return [...services.values()].map((service) => ({
    services: [service],
    otherHosts: [],
    routes: options.plainFor(service, port),
  }));
}

/** Which VirtualService a host belongs to: the one that names it most exactly, the oldest of several. */
class Owners {
  private readonly exact = new Map<string, VirtualService>();
  private readonly wildcards: { readonly pattern: string; readonly owner: VirtualService }[] = [];

  public constructor(virtualServices: readonly VirtualService[]) {
    for (const owner of virtualServices) {
      for (const pattern of owner.http.length > 0 ? owner.hosts : []) {
        if (isWildcard(pattern)) {
          this.wildcards.push({ pattern, owner });
        } else if (!this.exact.has(pattern)) {
          this.exact.set(pattern, owner);
        }
      }
    }
    this.wildcards.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  }

  public of(host: string): VirtualService | undefined {
    return this.exact.get(host) ?? this.wildcards.find((one) => covers(one.pattern, host))?.owner;
  }
}

/** Names and domains that are taken already: Envoy refuses a table in which one stands twice. */
class Domains {
  private readonly names = new Set<string>();
  private readonly domains = new Set<string>();

  public constructor(private readonly services: ReadonlyMap<string, Service>) {}

  public claimName(name: string): boolean {
    const free = !this.names.has(name);
    this.names.add(name);
    return free;
  }

  /** A short name gives way to a service that is really called so. */
  public claim(domains: readonly string[], short: readonly string[] = []): string[] {
    return domains.filter((domain) => {
      const lower = domain.toLowerCase();
      if (this.domains.has(lower) || (short.includes(domain) && this.services.has(domain))) {
        return false;
      }
      this.domains.add(lower);
      return true;
    });
  }
}

function groupHosts(group: HostGroup, port: number, { scope, taken }: { readonly scope: Scope; readonly taken: Domains }): VirtualHost[] {
  const others = group.otherHosts.map((host) => ({ host, known: [host], short: [] as string[] }));
  const services = group.services.map((service) =>
    ({ host: service.host, ...serviceDomains(service, scope.aliases.get(service.host) ?? [], scope.client.namespace) }));
  return [...others, ...services].flatMap(({ host, known, short }) => {
    const name = virtualHostName(host, port);
    const domains = taken.claimName(name) ? taken.claim(known, short) : [];
    return domains.length > 0 ? [emitVirtualHost(name, domains, group.routes)] : [];
  });
}
