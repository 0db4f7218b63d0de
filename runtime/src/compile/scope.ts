import type { Attachments } from '../model/attachment';
import type { DestinationRule } from '../model/cluster';
import type { EgressListener, OutboundTrafficPolicy, Sidecar } from '../model/listener';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { ProxySettings } from '../model/proxy-settings';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY, destinationsOf } from '../model/route';
import type { Service } from '../model/service';
import type { Switches } from '../model/switches';
import type { Labels } from '../model/workload';
import { visibleTo } from '../model/workload';
import { Derived, InputCache, ObjectCache } from './cache';
import { groupBy } from './groups';
import { HostIndex } from './host-index';
import { HostRules } from './host-rules';
import { ImportedRules } from './imported-rules';
import { Fitting, Followed } from './list-change';
import { RuleIndex } from './rules';
import { isForAll, visibleMeshRules } from './visibility';

/** Who asks: all proxies for which this is equal see the same. */
export interface Client {
  /** Stands for all of it. */
  readonly key: string;
  readonly namespace: string;
  /** Only those that some rule asks for. */
  readonly labels: Labels;
}

/** Where requests can go and with which policies. The same object for as long as none of that changes, whatever rules do. */
export interface Destinations {
  /** Of all listeners together, each once; of several of one host, those of the client's namespace first. */
  readonly services: readonly Service[];
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>;
  /** Other names of services: Kubernetes Services of type ExternalName. */
  readonly aliases: ReadonlyMap<string, readonly Service[]>;
  /** The proxy looks up some hosts itself. */
  readonly looksUpHosts: boolean;
  /** What the mesh says of routes that do not say it themselves. */
  readonly routeDefaults: Attachments;
  /** How the proxy deals with what passes it. */
  readonly proxy: ProxySettings;
  /** The same as long as the control plane runs. */
  readonly switches: Switches;
  ruleFor(service: Service): DestinationRule | undefined;
  /** The rule of a service for those that receive its requests: which of its callers it is for does not matter then. */
  receivedRuleFor(service: Service): DestinationRule | undefined;
}

/** What one listener for outgoing requests may reach. */
export interface EgressScope {
  readonly listener: EgressListener;
  readonly services: readonly Service[];
  /** The services, and those to which only its rules lead: they have clusters, but are no hosts for the caller (as in Istio). */
  readonly reached: readonly Service[];
  readonly rules: HostRules;
}

/** What a proxy can see of the mesh. */
export interface Scope {
  readonly client: Client;
  readonly egress: readonly EgressScope[];
  readonly destinations: Destinations;
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
}

/** For whom a scope is made; the key stands for the client. */
export interface ScopeInput {
  readonly key: string;
  readonly client: Client;
  /** The proxy tells its application addresses that the mesh gave to hosts. */
  readonly tellsNames: boolean;
  readonly sidecar?: Sidecar;
}

/** What a namespace can see. */
interface Visible {
  readonly services: readonly Service[];
  readonly virtualServices: readonly VirtualService[];
}

/** What a listener imports, out of what its namespace can see. */
interface Imported {
  readonly visible: Visible;
  readonly found: Visible;
  readonly services: readonly Service[];
  readonly namespace: string;
}

/** What decides on destinations besides what listeners import. */
interface Reach {
  readonly visible: Visible;
  readonly policies: RuleIndex;
  readonly settings: MeshSettings;
  readonly linkedHosts: readonly string[];
}

const EVERYTHING: readonly EgressListener[] = [{ bind: '', bindToPort: false, hosts: [{ namespace: '*', host: '*' }], excluded: [] }];

/** Finds what a proxy can see. Lists are the same as before if what stands in them is, so that whatever is made of them is too. */
export class ScopeCompiler {
  private readonly scopes = new InputCache<Scope>(2);
  private readonly egresses = new InputCache<EgressScope>(2);
  private readonly destinations = new InputCache<Destinations>(2);
  private readonly services = new InputCache<readonly Service[]>(2);
  private readonly visibleServices = new InputCache<readonly Service[]>(2);
  private readonly serviceIndexes = new Derived((services: readonly Service[]) => new HostIndex(services, (one) => [one.host]));
  private readonly aliases = new Derived((services: readonly Service[]) => groupBy(services, (one) => one.aliasOf));
  private readonly forMesh = new Fitting((rule: VirtualService) => rule.gateways.includes(MESH_GATEWAY));
  private readonly allSee = new Followed((rules: readonly VirtualService[]) => rules.every(isForAll), ({ come }, allSee) => allSee && come.every(isForAll));
  private readonly visibleRules = new InputCache<readonly VirtualService[]>(2);
  private readonly importedRules = new ImportedRules();
  private readonly hostRules = new HostRulesFinder();
  private readonly policies = new RuleIndexes();

  /** The rules that each of its listeners imports: all that an edit of a rule can change for a sidecar. */
  public rulesOf(mesh: Mesh, { key, client: { namespace }, sidecar }: ScopeInput): (readonly VirtualService[])[] {
    const visible = this.visibleRulesOf(mesh, namespace);
    return listenersOf(sidecar).map((listener, i) => this.rulesOfListener(`${key} ${i}`, listener, visible));
  }

  public compile(mesh: Mesh, input: ScopeInput): Scope {
    const { key, client, sidecar } = input;
    const visible = this.visible(mesh, input);
    const egress = listenersOf(sidecar).map((listener, i) => this.egress(`${key} ${i}`, listener, { visible, namespace: client.namespace }));
    const destinations = this.reachable(input, egress, { visible, policies: this.policies.of(mesh), settings: mesh.settings, linkedHosts: mesh.linkedHosts });
    const outboundTrafficPolicy = sidecar?.outboundTrafficPolicy ?? mesh.settings.outboundTrafficPolicy;
    return this.scopes.get(key, [destinations, outboundTrafficPolicy, ...egress], () => ({ client, egress, destinations, outboundTrafficPolicy }));
  }

  /** Where nothing is hidden, all namespaces see the same lists, and share what is made of them. */
  private visible(mesh: Mesh, { client: { namespace }, tellsNames }: ScopeInput): Visible {
    const { services } = mesh;
    return {
      services: this.visibleServices.get(`${namespace} ${tellsNames}`, [services], () => {
        const seen = filtered(services, (one) => visibleTo(one.exportTo, namespace));
        return tellsNames && seen.some((one) => one.autoAddresses.length > 0) ? seen.map(withAddresses) : seen;
      }),
      virtualServices: this.visibleRulesOf(mesh, namespace),
    };
  }

  private visibleRulesOf({ virtualServices }: Mesh, namespace: string): readonly VirtualService[] {
    const forMesh = this.forMesh.of(virtualServices);
    return this.allSee.of(forMesh) ? forMesh : this.visibleRules.get(namespace, [forMesh], () => visibleMeshRules(forMesh, namespace));
  }

  private rulesOfListener(key: string, listener: EgressListener, visible: readonly VirtualService[]): readonly VirtualService[] {
    return importsAll(listener) ? visible : this.importedRules.of(key, listener, visible);
  }

  private egress(key: string, listener: EgressListener, { visible, namespace }: { visible: Visible; namespace: string }): EgressScope {
    const all = importsAll(listener);
    const found = all ? visible : this.import(key, listener, visible);
    const services = this.onPort(key, listener, this.services.get(key, found.services, () => preferOwn(found.services, namespace)));
    const reached = all ? services : this.reached(key, { visible, found, services, namespace });
    const rules = this.hostRules.of(all ? namespace : key, found.virtualServices);
    return this.egresses.get(key, [listener, services, reached, rules], () => ({ listener, services, reached, rules }));
  }

  /** A listener with a port is for the services that have it (pilot/pkg/model/sidecar.go, needsPortMatch); a proxy of HTTP is for those of all ports. */
  private onPort(key: string, listener: EgressListener, services: readonly Service[]): readonly Service[] {
    const { number = 0, protocol = undefined } = listener.port ?? {};
    return number === 0 || protocol === 'HTTP_PROXY' ? services : this.services.get(`${key} on port`, [services, listener], () =>
      filtered(services, ({ ports }) => ports.some((port) => port.number === number)));
  }

  private import(key: string, listener: EgressListener, { services, virtualServices }: Visible): Visible {
    return {
      virtualServices: this.rulesOfListener(key, listener, virtualServices),
      services: this.serviceIndexes.of(services).select(listener.hosts, [], listener.excluded),
    };
  }

  /** A rule that may be used may also send requests to its destinations. */
  private reached(key: string, { visible, found, services, namespace }: Imported): readonly Service[] {
    const hosts = new Set(found.virtualServices.flatMap(destinationsOf).map((destination) => destination.host));
    const known = new Set(services);
    const more = this.serviceIndexes.of(visible.services).select([], hosts).filter((one) => !known.has(one));
    const all = [...services, ...more];
    return more.length === 0 ? services : this.services.get(`${key} reached`, all, () => preferOwn(all, namespace));
  }

  /** Whom the proxy itself asks, such as those who decide about requests, it must know, whatever its application may reach. */
  private withLinked(imported: readonly Service[], visible: readonly Service[], hosts: readonly string[]): readonly Service[] {
    const known = new Set(imported);
    const more = this.serviceIndexes.of(visible).select([], new Set(hosts)).filter((one) => !known.has(one));
    return more.length === 0 ? imported : [...imported, ...more];
  }

  private reachable(
    { key, client }: ScopeInput, egress: readonly EgressScope[], { visible, policies, linkedHosts, settings: { features: routeDefaults, switches, proxy } }: Reach,
  ): Destinations {
    const aliases = this.aliases.of(visible.services);
    const imported = egress.length === 1 ? egress[0].reached : this.services.get(`${key} all`, egress.map((one) => one.reached), () =>
      preferOwn([...new Set(egress.flatMap((one) => one.reached))], client.namespace));
    const services = linkedHosts.length === 0 ? imported : this.services.get(`${key} linked`, [imported, visible.services, linkedHosts], () =>
      this.withLinked(imported, visible.services, linkedHosts));
    return this.destinations.get(key, [services, aliases, policies, routeDefaults, proxy], () => ({
      services,
      servicesByHost: groupBy(services, (one) => one.host),
      aliases,
      looksUpHosts: services.some((one) => one.resolution === 'dynamic'),
      routeDefaults,
      proxy,
      switches,
      ruleFor: remembered((service) => policies.ruleFor(service, client)),
      receivedRuleFor: (service) => policies.ruleFor(service, { ...client, labels: {} }),
    }));
  }
}

/** What a Sidecar lets its proxies reach; without one, everything. */
export function listenersOf(sidecar: Sidecar | undefined): readonly EgressListener[] {
  return sidecar?.egress.length ? sidecar.egress : EVERYTHING;
}

export function importsAll({ hosts, excluded }: EgressListener): boolean {
  return excluded.length === 0 && hosts.some((host) => host.namespace === '*' && host.host === '*');
}

/** Of the DestinationRules of a mesh. */
class RuleIndexes {
  private readonly indexes = new InputCache<RuleIndex>(2);
  private readonly merged = new ObjectCache<DestinationRule, DestinationRule>();

  public of({ destinationRules, settings }: Mesh): RuleIndex {
    const { rootNamespace, privateRules } = settings;
    return this.indexes.get('', [destinationRules, rootNamespace, privateRules], () => new RuleIndex(destinationRules, settings, this.merged));
  }
}

/** Rules by host, of the lists that clients see. */
class HostRulesFinder {
  private readonly latest = new InputCache<HostRules>(2);
  private readonly made = new WeakMap<readonly VirtualService[], HostRules>();

  /** @param key of the client: its list is most often the one before, with an edit */
  public of(key: string, list: readonly VirtualService[]): HostRules {
    let rules = this.made.get(list);
    if (!rules) {
      rules = this.latest.latest(key)?.followedBy(list) ?? HostRules.of(list);
      this.made.set(list, rules);
    }
    return this.latest.get(key, [list], () => rules);
  }
}

function remembered(ruleFor: Destinations['ruleFor']): Destinations['ruleFor'] {
  const found = new Map<Service, DestinationRule | undefined>();
  return (service) => {
    let rule = found.get(service);
    if (!rule && !found.has(service)) {
      rule = ruleFor(service);
      found.set(service, rule);
    }
    return rule;
  };
}

const addressed = new Derived((service: Service): Service => ({ ...service, addresses: service.autoAddresses }));

function withAddresses(service: Service): Service {
  return service.autoAddresses.length > 0 ? addressed.of(service) : service;
}

/** The list itself if everything in it fits. */
function filtered<T>(list: readonly T[], fits: (item: T) => boolean): readonly T[] {
  return list.every(fits) ? list : list.filter(fits);
}

/** Of services with one host, those of the client's namespace first, then those of Kubernetes; the order is kept otherwise. */
function preferOwn(services: readonly Service[], namespace: string): readonly Service[] {
  const rank = (service: Service) => (service.namespace === namespace ? 0 : service.registry === 'kubernetes' ? 1 : 2);
  return [...services].sort((a, b) => rank(a) - rank(b));
}
