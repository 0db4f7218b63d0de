import type { Route } from '../envoy';
import type { EncodedResource } from '../model/configuration';
import { BLACK_HOLE_CLUSTER, PASSTHROUGH_CLUSTER, outboundCluster } from '../model/cluster';
import type { Mesh, MeshSettings } from '../model/mesh';
import { MESH_GATEWAY } from '../model/route';
import { portOf } from '../model/service';
import { InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { ANY_ADDRESS } from './emit/address';
import type { Chain, ConnectionOptions } from './emit/connection-routes';
import { emitConnectionChains } from './emit/connection-routes';
import { httpFilter } from './emit/network-filter';
import { emitOutboundListener, emitVirtualOutbound, listenerName, matchOf } from './emit/outbound-listener';
import type { OutboundRoutesOptions } from './emit/outbound-routes';
import { emitOutboundRoutes, emitServiceRoutes, meshRouteOptions } from './emit/outbound-routes';
import { emitDefaultRoute, emitRoutes } from './emit/route';
import { serviceDomains, virtualHostName } from './emit/virtual-host';
import type { PlannedListener, PlannedTarget } from './outbound-plan';
import { OutboundPlan } from './outbound-plan';
import type { EgressScope, Scope } from './scope';
import { ruleInputs, targetInputs, targetsOf } from './targets';

export interface Outbound {
  readonly listeners: Encoded;
  readonly routes: Encoded;
}

interface OutboundInput {
  /** Of the class: what is made for it holds for all of its proxies. */
  readonly key: string;
  readonly scope: Scope;
  readonly settings: MeshSettings;
}

/** What a sidecar does with outgoing requests and connections. */
export class OutboundCompiler {
  private readonly outbounds = new InputCache<Outbound>();
  private readonly listeners = new InputCache<EncodedResource>();
  private readonly tables = new InputCache<EncodedResource>();
  private readonly routes = new InputCache<readonly Route[]>();

  public compile(input: OutboundInput, mesh: Mesh, ownAddresses: readonly string[]): Outbound {
    const { key, scope, settings } = input;
    // Headless services have a listener for each pod (but not for the proxy's own), so there endpoints count.
    const headless = scope.services.filter((service) => service.addresses.length === 0 && service.resolution === 'original');
    const pods = headless.map((service) => mesh.endpoints.of(service));
    const self = headless.length > 0 ? ownAddresses.join() : '';
    return this.outbounds.get(`${key} ${self}`, [scope, settings, ...pods], () => {
      const plan = new OutboundPlan((service) => mesh.endpoints.of(service), ownAddresses);
      scope.egress.forEach((egress) => plan.add(egress));
      const planned = plan.listeners();
      return { listeners: this.compileListeners(input, planned), routes: this.compileRoutes(input, planned) };
    });
  }

  private compileListeners(input: OutboundInput, planned: readonly PlannedListener[]): Encoded {
    const { key, settings } = input;
    const fallback = unknownDestinations(input.scope) ?? BLACK_HOLE_CLUSTER;
    const all = planned.map((listener) => this.listener(input, listener, fallback));
    const capture = this.listeners.get(`${key} virtualOutbound`, [settings, fallback], () =>
      encodeOne('listener', 'virtualOutbound', emitVirtualOutbound({ settings, fallback })));
    return byResourceName([...all, capture]);
  }

  private listener(input: OutboundInput, planned: PlannedListener, fallback: string): EncodedResource {
    const { key, scope, settings } = input;
    const name = listenerName(planned.address, planned.port);
    const rules = planned.connections.flatMap((target) => planned.egress.rulesFor(target.service.host));
    const inputs = [
      settings, fallback, planned.http, planned.bindToPort, planned.sniffed?.service,
      ...planned.connections.flatMap(({ service, port }) => [service, port, scope.ruleFor(service)]),
      ...ruleInputs(scope, rules),
    ];
    // Without connections nothing in a listener depends on who the proxy is.
    const owner = planned.connections.length > 0 ? key : '';
    return this.listeners.get(`${owner} ${name}`, inputs, () => {
      const options = { settings, fallback, bindToPort: planned.bindToPort };
      return encodeOne('listener', name, emitOutboundListener(planned.address, planned.port, chainsOf(input, planned), options));
    });
  }

  private compileRoutes(input: OutboundInput, planned: readonly PlannedListener[]): Encoded {
    const shared = planned.filter((one) => sharesRoutes(one)).map((one) => this.portRoutes(input, one));
    const own = planned.flatMap((one) => (one.sniffed && !sharesRoutes(one) ? [this.serviceRoutes(input, one, one.sniffed)] : []));
    return byResourceName([...shared, ...own]);
  }

  private portRoutes(input: OutboundInput, { egress, port }: PlannedListener): EncodedResource {
    const options = { ...this.routeOptions(input, egress), unknownHosts: unknownDestinations(input.scope) };
    return this.tables.get(`${input.key} ${port}`, [options.unknownHosts, ...routeInputs(input.scope, egress, port)], () =>
      encodeOne('route', String(port), emitOutboundRoutes(port, options)));
  }

  private serviceRoutes(input: OutboundInput, { egress, port }: PlannedListener, { service }: PlannedTarget): EncodedResource {
    const name = virtualHostName(service.host, port);
    const options = { ...this.routeOptions(input, { ...egress, services: [service] }), unknownHosts: undefined };
    const rules = egress.rulesFor(service.host);
    return this.tables.get(`${input.key} ${name}`, [service, input.scope.ruleFor(service), ...ruleInputs(input.scope, rules)], () =>
      encodeOne('route', name, emitServiceRoutes(service, port, options)));
  }

  /** An edit of one rule makes the routes of that rule anew, not those of a thousand others in the same table. */
  private routeOptions({ key, scope }: OutboundInput, egress: EgressScope): Omit<OutboundRoutesOptions, 'unknownHosts'> {
    const targets = targetsOf(scope);
    return {
      scope,
      egress,
      rulesFor: (rule, port) => this.routes.get(`${key} ${port} ${rule.namespace}/${rule.resource.name}`, ruleInputs(scope, [rule]), () =>
        emitRoutes(rule, meshRouteOptions(port, scope, targets))),
      plainFor: (service, port) => this.routes.get(`${key} ${port} ${service.host}`, [service, scope.ruleFor(service)], () =>
        [emitDefaultRoute({ host: service.host, subset: '', port }, meshRouteOptions(port, scope, targets))]),
    };
  }
}

/** Everything that the route table of a port is made of. */
function routeInputs(scope: Scope, egress: EgressScope, port: number): unknown[] {
  const services = egress.services.filter((service) => portOf(service, port));
  const hosts = services.map((service) => service.host);
  return [
    ...services,
    ...hosts.flatMap((host) => scope.aliases.get(host) ?? []),
    ...targetInputs(scope, new Set(hosts)),
    ...ruleInputs(scope, egress.virtualServices),
  ];
}

/** Where connections and requests go that nobody knows; undefined: nowhere. */
function unknownDestinations(scope: Scope): string | undefined {
  const { mode, egressProxy } = scope.outboundTrafficPolicy;
  if (mode === 'REGISTRY_ONLY') {
    return undefined;
  }
  return egressProxy ? outboundCluster(egressProxy.port ?? 0, egressProxy.subset, egressProxy.host) : PASSTHROUGH_CLUSTER;
}

/** Listeners on all addresses share the route table of their port; one of a single service has its own. */
function sharesRoutes(planned: PlannedListener): boolean {
  return planned.http || (planned.sniffed !== undefined && planned.address === ANY_ADDRESS);
}

function chainsOf(input: OutboundInput, planned: PlannedListener): Chain[] {
  const chains = planned.connections.flatMap((target) => connectionChains(input, planned, target));
  if (planned.http || planned.sniffed) {
    const name = listenerName(planned.address, planned.port);
    const routes = sharesRoutes(planned) ? String(planned.port) : virtualHostName(planned.sniffed?.service.host ?? '', planned.port);
    const filter = httpFilter({ statPrefix: `outbound_${name}`, routes, side: 'outbound', settings: input.settings });
    chains.push({ sniHosts: [], cidrs: [], filters: [filter], http: true });
  }
  return withoutConflicts(chains);
}

function connectionChains({ scope, settings }: OutboundInput, planned: PlannedListener, target: PlannedTarget): Chain[] {
  const { service, port, cidrs } = target;
  const options: ConnectionOptions = {
    caller: { ...scope.client, gateway: MESH_GATEWAY, port: planned.port },
    targets: targetsOf(scope),
    settings,
    cidrs,
  };
  // A service with an address of its own is known by that; the others only by the name that the client asks for.
  const anonymous = planned.address === ANY_ADDRESS;
  const names = serviceDomains(service, scope.aliases.get(service.host) ?? [], scope.client.namespace);
  const aliases = (scope.aliases.get(service.host) ?? []).length > 0 ? names.known : [service.host];
  return emitConnectionChains(service, port, planned.egress.rulesFor(service.host), { ...options, sniHosts: anonymous ? aliases : [] });
}

/** Envoy refuses a listener in which two chains match the same; the older service wins. */
function withoutConflicts(chains: readonly Chain[]): Chain[] {
  const seen = new Set<string>();
  return chains.flatMap((chain) => {
    const names = (chain.sniHosts.length > 0 ? chain.sniHosts : ['']).filter((name) => {
      const key = JSON.stringify([name, matchOf({ ...chain, sniHosts: [] })]);
      const free = !seen.has(key);
      seen.add(key);
      return free;
    });
    return names.length === 0 ? [] : [{ ...chain, sniHosts: names.filter((name) => name !== '') }];
  });
}
