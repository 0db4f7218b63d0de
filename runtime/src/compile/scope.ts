import type { DestinationRule } from '../model/cluster';
import { covers, isWildcard, overlaps } from '../model/host';
import type { EgressHost, EgressListener, OutboundTrafficPolicy, Sidecar } from '../model/listener';
import type { Mesh } from '../model/mesh';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY, destinationsOf } from '../model/route';
import type { Service } from '../model/service';
import type { Labels } from '../model/workload';
import { selects, visibleTo } from '../model/workload';
import type { RuleIndex } from './rules';

/** Who asks: all proxies for which this is equal see the same. */
export interface Client {
  readonly namespace: string;
  readonly labels: Labels;
}

/** What one listener for outgoing requests may reach. */
export interface EgressScope {
  readonly listener: EgressListener;
  readonly services: readonly Service[];
  readonly virtualServices: readonly VirtualService[];
  /** The VirtualServices for a host, oldest first. */
  rulesFor(host: string): readonly VirtualService[];
}

/** What a proxy can see of the mesh. */
export interface Scope {
  readonly client: Client;
  readonly sidecar?: Sidecar;
  readonly egress: readonly EgressScope[];
  /** Of all listeners together, each once; of several of one host, those of the client's namespace first. */
  readonly services: readonly Service[];
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>;
  /** Other names of services: Kubernetes Services of type ExternalName. */
  readonly aliases: ReadonlyMap<string, readonly Service[]>;
  readonly outboundTrafficPolicy: OutboundTrafficPolicy;
  ruleFor(service: Service): DestinationRule | undefined;
}

const EVERYTHING: EgressListener = { bind: '', bindToPort: false, hosts: [{ namespace: '*', host: '*' }] };

export function scopeOf(mesh: Mesh, client: Client, options: { readonly rules: RuleIndex; readonly sidecar?: Sidecar }): Scope {
  const { rules, sidecar } = options;
  const visible = mesh.services.filter((service) => visibleTo(service.exportTo, client.namespace));
  const forMesh = mesh.virtualServices.filter((one) => one.gateways.includes(MESH_GATEWAY) && visibleTo(one.exportTo, client.namespace));
  const listeners = sidecar?.egress.length ? sidecar.egress : [EVERYTHING];
  const egress = listeners.map((listener) => egressScope(listener, visible, forMesh));
  const services = preferOwn([...new Set(egress.flatMap((one) => one.services))], client.namespace);
  const found = new Map<Service, DestinationRule | undefined>();
  return {
    client,
    sidecar,
    egress: egress.map((one) => ({ ...one, services: preferOwn(one.services, client.namespace), rulesFor: ruleLookup(one.virtualServices) })),
    services,
    servicesByHost: groupByHost(services),
    aliases: groupAliases(visible),
    outboundTrafficPolicy: sidecar?.outboundTrafficPolicy ?? mesh.settings.outboundTrafficPolicy,
    ruleFor: (service) => {
      if (!found.has(service)) {
        found.set(service, rules.ruleFor(service, client));
      }
      return found.get(service);
    },
  };
}

/** A Sidecar that selects the workload, else the one of the namespace, else the one of the root namespace. */
export function sidecarFor(mesh: Mesh, client: Client): Sidecar | undefined {
  const own = mesh.sidecars.filter((sidecar) => sidecar.namespace === client.namespace);
  return own.find((sidecar) => sidecar.workloadSelector && selects(sidecar.workloadSelector, client.labels))
    ?? own.find((sidecar) => !sidecar.workloadSelector)
    ?? mesh.sidecars.find((sidecar) => sidecar.namespace === mesh.settings.rootNamespace && !sidecar.workloadSelector);
}

function egressScope(listener: EgressListener, services: readonly Service[], virtualServices: readonly VirtualService[]): Omit<EgressScope, 'rulesFor'> {
  if (listener.hosts.some((host) => host.namespace === '*' && host.host === '*')) {
    return { listener, services, virtualServices };
  }
  const imported = virtualServices.filter((one) => one.hosts.some((host) => imports(listener.hosts, one.namespace, host)));
  const destinations = new Set(imported.flatMap(destinationsOf).map((destination) => destination.host));
  return {
    listener,
    virtualServices: imported,
    // A rule that may be used may also send requests to its destinations.
    services: services.filter((service) => imports(listener.hosts, service.namespace, service.host) || destinations.has(service.host)),
  };
}

function ruleLookup(virtualServices: readonly VirtualService[]): EgressScope['rulesFor'] {
  const exact = new Map<string, VirtualService[]>();
  const wildcards = new Set<VirtualService>();
  for (const one of virtualServices) {
    for (const host of one.hosts) {
      if (isWildcard(host)) {
        wildcards.add(one);
      } else {
        exact.set(host, [...(exact.get(host) ?? []), one]);
      }
    }
  }
  return (host) => {
    if (isWildcard(host)) {
      return virtualServices.filter((one) => one.hosts.some((other) => overlaps(other, host)));
    }
    const matching = [...wildcards].filter((one) => one.hosts.some((pattern) => covers(pattern, host)));
    return [...new Set([...(exact.get(host) ?? []), ...matching])];
  };
}

function imports(hosts: readonly EgressHost[], namespace: string, host: string): boolean {
  return hosts.some((one) => (one.namespace === '*' || one.namespace === namespace) && (covers(one.host, host) || overlaps(one.host, host)));
}

/** Of services with one host, those of the client's namespace first, then those of Kubernetes; the order is kept otherwise. */
function preferOwn(services: readonly Service[], namespace: string): Service[] {
  const rank = (service: Service) => (service.namespace === namespace ? 0 : service.registry === 'kubernetes' ? 1 : 2);
  return [...services].sort((a, b) => rank(a) - rank(b));
}

function groupByHost(services: readonly Service[]): Map<string, readonly Service[]> {
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const group = groups.get(service.host);
    if (group) {
      group.push(service);
    } else {
      groups.set(service.host, [service]);
    }
  }
  return groups;
}

function groupAliases(services: readonly Service[]): Map<string, readonly Service[]> {
  const groups = new Map<string, readonly Service[]>();
  for (const service of services) {
    if (service.aliasOf !== undefined) {
      groups.set(service.aliasOf, [...(groups.get(service.aliasOf) ?? []), service]);
    }
  }
  return groups;
}
