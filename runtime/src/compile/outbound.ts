import type { EncodedResource } from '../model/configuration';
import { BLACK_HOLE_CLUSTER, DYNAMIC_DNS_CLUSTER, PASSTHROUGH_CLUSTER, outboundCluster } from '../model/cluster';
import type { Endpoint } from '../model/endpoint';
import type { Mesh, MeshSettings } from '../model/mesh';
import { isSocket } from '../model/listener';
import { MESH_GATEWAY } from '../model/route';
import type { Service } from '../model/service';
import { Derived, InputCache, ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { ANY_ADDRESS } from './emit/address';
import type { Chain, ConnectionOptions } from './emit/connection-routes';
import { emitConnectionChains } from './emit/connection-routes';
import { firstChains } from './emit/first-chains';
import { httpFilter } from './emit/network-filter';
import { emitOutboundListener, emitVirtualOutbound, listenerName } from './emit/outbound-listener';
import { serviceDomains } from './emit/virtual-host';
import { servedPorts } from './http-services';
import { OutboundIndex } from './outbound-index';
import type { PlannedListener, PlannedTarget } from './outbound-plan';
import { OutboundPlan, routesOf } from './outbound-plan';
import { OutboundRoutesCompiler } from './outbound-routes';
import { editedHosts } from './outbound-step';
import type { Scope } from './scope';
import { ruleInputs, targetInputs, targetsOf } from './targets';

export interface Outbound {
  readonly listeners: Encoded;
  readonly routes: Encoded;
}

interface OutboundInput {
  /** Of the proxies that see the same: what is made for one holds for all. */
  readonly key: string;
  readonly scope: Scope;
  readonly settings: MeshSettings;
}

/** What was made last, and of what. */
interface Made {
  readonly input: OutboundInput;
  readonly planned: readonly PlannedListener[];
  readonly outbound: Outbound;
}

/** Beyond this many, those of proxies that are gone are forgotten. */
const MAX_KEYS = 50_000;

/** What a sidecar does with outgoing requests and connections. */
export class OutboundCompiler {
  private readonly outbounds = new InputCache<Outbound>(2);
  private readonly plans = new InputCache<readonly PlannedListener[]>(2);
  private readonly headless = new Derived((services: readonly Service[]) =>
    services.filter((service) => service.addresses.length === 0 && service.resolution === 'original'));
  private readonly listeners = new InputCache<EncodedResource>();
  private readonly listenerMaps = new InputCache<Encoded>(2);
  private readonly routeMaps = new InputCache<Encoded>(2);
  private readonly routes = new OutboundRoutesCompiler();
  private readonly latest = new Map<string, Made>();
  private readonly indexes = new ObjectCache<readonly PlannedListener[], OutboundIndex>(1);

  public compile(input: OutboundInput, mesh: Mesh, ownAddresses: readonly string[]): Outbound {
    const { scope, settings } = input;
    const pods = this.headlessPods(scope, mesh);
    const key = `${input.key} ${pods.length > 0 ? ownAddresses.join() : ''}`;
    return this.outbounds.get(key, [scope, settings, ...pods], () => {
      const planned = this.plans.get(key, [...scope.egress.flatMap((one) => [one.listener, one.services]), ...pods], () => {
        const plan = new OutboundPlan((service) => mesh.endpoints.of(service), ownAddresses);
        scope.egress.forEach(({ listener, services }, index) => plan.add({ index, listener, services }));
        return plan.listeners();
      });
      const outbound = this.followed(key, input, planned)
        ?? { listeners: this.compileListeners(key, input, planned), routes: this.compileRoutes(key, input, planned) };
      this.remember(key, { input, planned, outbound });
      return outbound;
    });
  }

  /** Makes the routes of hosts one by one: others may have their turn in between, and `compile` finds them made. */
  public * prepare({ key, scope }: OutboundInput): Generator<void> {
    for (const [i, egress] of scope.egress.entries()) {
      for (const port of new Set([...servedPorts(egress.services).values()].flatMap((ports) => [...ports]))) {
        yield* this.routes.prepare({ key: `${key} ${i}`, scope, egress, port });
      }
    }
  }

  /** Most edits are of rules of a few hosts: then only what is about those is made anew. Undefined: all must be looked through. */
  private followed(key: string, input: OutboundInput, planned: readonly PlannedListener[]): Outbound | undefined {
    const before = this.latest.get(key);
    const hosts = before?.planned === planned && before.input.settings === input.settings ? editedHosts(before.input.scope, input.scope) : undefined;
    if (!before || !hosts) {
      return undefined;
    }
    const index = this.indexes.get(planned, [], () => new OutboundIndex(planned, input.scope.egress));
    const fallback = unknownDestinations(input.scope) ?? BLACK_HOLE_CLUSTER;
    return {
      listeners: withNew(before.outbound.listeners, [...index.listenersOf(hosts)].map((one) => this.listener(input, one, fallback))),
      routes: withNew(before.outbound.routes, [...index.tablesOf(hosts)].flatMap((one) => this.routeTable(input, one) ?? [])),
    };
  }

  private remember(key: string, made: Made): void {
    if (!this.latest.has(key) && this.latest.size >= MAX_KEYS) {
      this.latest.clear();
    }
    this.latest.set(key, made);
  }

  /** Headless services have a listener for each pod (but not for the proxy's own), so there endpoints count. */
  private headlessPods({ destinations: { services } }: Scope, mesh: Mesh): (readonly Endpoint[])[] {
    return this.headless.of(services).map((service) => mesh.endpoints.of(service));
  }

  private compileListeners(key: string, input: OutboundInput, planned: readonly PlannedListener[]): Encoded {
    const { settings } = input;
    const fallback = unknownDestinations(input.scope) ?? BLACK_HOLE_CLUSTER;
    const all = planned.map((listener) => this.listener(input, listener, fallback));
    const looksUp = input.scope.outboundTrafficPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS';
    all.push(this.listeners.get('virtualOutbound', [settings, fallback, looksUp], () =>
      encodeOne('listener', 'virtualOutbound', emitVirtualOutbound({ settings, fallback, looksUp }))));
    return this.listenerMaps.get(key, all, () => byResourceName(all));
  }

  private listener(input: OutboundInput, planned: PlannedListener, fallback: string): EncodedResource {
    const { key, scope: { destinations, egress }, settings } = input;
    const { address, port, http, grpcWeb, bindToPort, sniffed, connections } = planned;
    const name = listenerName(address, port);
    const make = () => encodeOne('listener', name, emitOutboundListener(address, port, chainsOf(input, planned), { settings, fallback, bindToPort }));
    const inputs = [settings, fallback, http, grpcWeb, bindToPort, sniffed?.service, looksUpHosts(input.scope)];
    if (connections.length === 0) {
      // Nothing in it depends on who the proxy is.
      return this.listeners.get(name, inputs, make);
    }
    const hosts = new Set(connections.map((target) => target.service.host));
    const rules = [...hosts].flatMap((host) => egress[planned.egress].rules.for(host));
    const targets = connections.flatMap((target) => [target.service, target.port, ...destinations.aliases.get(target.service.host) ?? []]);
    return this.listeners.get(`${key} ${name}`, [...inputs, ...targets, ...targetInputs(destinations, hosts), ...ruleInputs(destinations, rules)], make);
  }

  private compileRoutes(key: string, input: OutboundInput, planned: readonly PlannedListener[]): Encoded {
    const [shared, own] = [planned.filter((one) => !routesOf(one)?.service), planned.filter((one) => routesOf(one)?.service)];
    const all = [...shared, ...own].flatMap((one) => this.routeTable(input, one) ?? []);
    return this.routeMaps.get(key, all, () => byResourceName(all));
  }

  private routeTable({ key, scope }: OutboundInput, planned: PlannedListener): EncodedResource | undefined {
    const routes = routesOf(planned);
    const { egress, port } = planned;
    const input = { key: `${key} ${egress}`, scope, egress: scope.egress[egress], port };
    if (routes?.socket) {
      return this.routes.socketRoutes(input, routes.name, unknownHosts(scope));
    }
    return routes?.service ? this.routes.serviceRoutes(input, routes.service) : routes && this.routes.portRoutes(input, unknownHosts(scope));
  }
}

/** The map itself if nothing in it is another than before. */
function withNew(resources: Encoded, made: readonly EncodedResource[]): Encoded {
  const others = made.filter((one) => resources.get(one.name) !== one);
  if (others.length === 0) {
    return resources;
  }
  const all = new Map(resources);
  others.forEach((one) => all.set(one.name, one));
  return all;
}

/** Where connections and requests go that nobody knows; undefined: nowhere. */
function unknownDestinations(scope: Scope): string | undefined {
  const { mode, egressProxy } = scope.outboundTrafficPolicy;
  if (mode === 'REGISTRY_ONLY') {
    return undefined;
  }
  return egressProxy ? outboundCluster(egressProxy.port ?? 0, egressProxy.subset, egressProxy.host) : PASSTHROUGH_CLUSTER;
}

/** The same for requests: the mesh may want their hosts looked up by the proxy, whatever address the caller found. */
function unknownHosts(scope: Scope): string | undefined {
  return scope.outboundTrafficPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS' ? DYNAMIC_DNS_CLUSTER : unknownDestinations(scope);
}

function looksUpHosts({ destinations, outboundTrafficPolicy }: Scope): boolean {
  return destinations.looksUpHosts || outboundTrafficPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS';
}

/** An address or a socket that is only for requests needs no look at what comes there; on all addresses there may be anybody's connections. */
function mustLook({ sniffed, address, connections }: PlannedListener): boolean {
  return sniffed !== undefined || address === ANY_ADDRESS || connections.length > 0;
}

function chainsOf(input: OutboundInput, planned: PlannedListener): Chain[] {
  const chains = planned.connections.flatMap((target) => connectionChains(input, planned, target));
  const routes = routesOf(planned)?.name;
  if (routes !== undefined) {
    const name = listenerName(planned.address, planned.port);
    const filter = httpFilter({
      statPrefix: `outbound_${name}`, routes, side: 'outbound', settings: input.settings, looksUpHosts: looksUpHosts(input.scope), grpcWeb: planned.grpcWeb,
    });
    chains.push({ sniHosts: [], cidrs: [], filters: [filter], http: mustLook(planned) });
  }
  return firstChains(chains);
}

function connectionChains({ scope, settings }: OutboundInput, planned: PlannedListener, target: PlannedTarget): Chain[] {
  const { service, port, cidrs } = target;
  const { client, destinations } = scope;
  const options: ConnectionOptions = {
    caller: { ...client, gateway: MESH_GATEWAY, port: planned.port || port.number },
    targets: targetsOf(destinations),
    settings,
    cidrs,
    protocol: port.protocol,
    choosesServers: service.resolution !== 'original' && service.resolution !== 'dynamic',
  };
  // A service with an address of its own is known by that; the others only by the name that the client asks for.
  const anonymous = planned.address === ANY_ADDRESS || isSocket(planned.address);
  const aliases = destinations.aliases.get(service.host) ?? [];
  // In TLS no name ends with a dot (RFC 6066 section 3).
  const names = aliases.length > 0 ? serviceDomains(service, aliases, { namespace: client.namespace, absolute: false }).known : [service.host];
  return emitConnectionChains(service, port, scope.egress[planned.egress].rules.for(service.host), { ...options, sniHosts: anonymous ? names : [] });
}
