import { Attachments } from '../model/attachment';
import type { DestinationRule } from '../model/cluster';
import { NO_SERVICE, UNKNOWN_CLUSTER, levelsFor, outboundCluster, settingsFor } from '../model/cluster';
import type { Destination, VirtualService } from '../model/route';
import { destinationsOf } from '../model/route';
import type { Service } from '../model/service';
import { portOf } from '../model/service';
import { Derived } from './cache';
import type { Targets } from './emit/route';
import type { Destinations } from './scope';

/**
 * Where the destinations of rules lead.
 * @param ofSidecar for HTTP rules of sidecars: a route table is of one port, and knows services by that port alone
 */
export function targetsOf(destinations: Destinations, { ofSidecar = false }: { readonly ofSidecar?: boolean } = {}): Targets {
  const clusterOf = ofSidecar ? clusterOnPort : clusterOfService;
  return {
    clusterOf: (destination, port) => clusterOf(destinations, destination, port),
    levelsOf: (destination) => {
      const service = serviceOf(destinations, destination, destination.port ?? 0);
      const rule = service && destinations.ruleFor(service);
      return rule ? levelsFor(rule.policy, destination.port, subsetOf(rule, destination.subset)) : NO_LEVELS;
    },
    lookUpPort: (destination, port) => {
      const service = serviceOf(destinations, destination, port);
      const found = service?.resolution === 'dynamic' ? portOf(service, portNumber(service, destination, port)) : undefined;
      return found && (found.targetPort ?? found.number);
    },
    settingsOf: (destination, port) => {
      const service = serviceOf(destinations, destination, port);
      const rule = service && destinations.ruleFor(service);
      return rule ? settingsFor(rule.policy, portNumber(service, destination, port), subsetOf(rule, destination.subset)) : Attachments.NONE;
    },
  };
}

function clusterOfService(destinations: Destinations, destination: Destination, port: number): string {
  if (destination.host === NO_SERVICE) {
    return UNKNOWN_CLUSTER;
  }
  const service = serviceOf(destinations, destination, port);
  // A name of type ExternalName stands for another service.
  const host = service?.aliasOf ?? destination.host;
  return outboundCluster(portNumber(service, destination, port), destination.subset, host);
}

/**
 * As `BuildSidecarOutboundVirtualHosts` of Istio's pilot/pkg/networking/core/httproute.go has it: of all services it looks only at those of
 * the port that was called. A destination that names none has that port too, and a name for another service is one only where it has it.
 */
function clusterOnPort(destinations: Destinations, destination: Destination, port: number): string {
  if (destination.host === NO_SERVICE) {
    return UNKNOWN_CLUSTER;
  }
  const service = destinations.servicesByHost.get(destination.host)?.find((one) => portOf(one, port));
  return outboundCluster(destination.port ?? port, destination.subset, service?.aliasOf ?? destination.host);
}

function serviceOf(destinations: Destinations, destination: Destination, port: number): Service | undefined {
  const services = destinations.servicesByHost.get(destination.host) ?? [];
  return services.find((service) => portOf(service, destination.port ?? port)) ?? services[0];
}

/** The port that the destination names, else the only one of its service, else the one that was called. */
function portNumber(service: Service | undefined, destination: Destination, port: number): number {
  return destination.port ?? (service?.ports.length === 1 ? service.ports[0].number : port);
}

const NO_LEVELS: readonly Attachments[] = [];

function subsetOf(rule: DestinationRule | undefined, name: string) {
  return rule?.subsets.find((subset) => subset.name === name);
}

/** Everything that `targetsOf` may look at for these hosts: the inputs of whatever is made of it. */
export function targetInputs(destinations: Destinations, hosts: Iterable<string>): unknown[] {
  const inputs: unknown[] = [];
  for (const host of hosts) {
    for (const service of destinations.servicesByHost.get(host) ?? []) {
      inputs.push(service, destinations.ruleFor(service));
    }
  }
  return inputs;
}

/** The same for everything that these VirtualServices name. */
export function ruleInputs(destinations: Destinations, virtualServices: readonly VirtualService[]): unknown[] {
  if (virtualServices.length === 1) {
    return [virtualServices[0], ...targetInputs(destinations, hostsOf.of(virtualServices[0]))];
  }
  const hosts = new Set(virtualServices.flatMap((one) => hostsOf.of(one)));
  return [...virtualServices, ...targetInputs(destinations, hosts)];
}

const hostsOf = new Derived((virtualService: VirtualService): readonly string[] =>
  [...new Set(destinationsOf(virtualService).map((destination) => destination.host))]);
