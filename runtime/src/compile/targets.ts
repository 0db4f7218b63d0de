import { Attachments } from '../model/attachment';
import type { DestinationRule } from '../model/cluster';
import { NO_SERVICE, UNKNOWN_CLUSTER, outboundCluster, settingsFor } from '../model/cluster';
import type { Destination, VirtualService } from '../model/route';
import { destinationsOf } from '../model/route';
import type { Service } from '../model/service';
import { portOf } from '../model/service';
import { Derived } from './cache';
import type { Targets } from './emit/route';
import type { Destinations } from './scope';

/** Where the destinations of rules lead. */
export function targetsOf(destinations: Destinations): Targets {
  return {
    clusterOf: (destination, port) => clusterOf(destinations, destination, port),
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

function clusterOf(destinations: Destinations, destination: Destination, port: number): string {
  if (destination.host === NO_SERVICE) {
    return UNKNOWN_CLUSTER;
  }
  const service = serviceOf(destinations, destination, port);
  // A name of type ExternalName stands for another service.
  const host = service?.aliasOf ?? destination.host;
  return outboundCluster(portNumber(service, destination, port), destination.subset, host);
}

function serviceOf(destinations: Destinations, destination: Destination, port: number): Service | undefined {
  const services = destinations.servicesByHost.get(destination.host) ?? [];
  return services.find((service) => portOf(service, destination.port ?? port)) ?? services[0];
}

/** The port that the destination names, else the only one of its service, else the one that was called. */
function portNumber(service: Service | undefined, destination: Destination, port: number): number {
  return destination.port ?? (service?.ports.length === 1 ? service.ports[0].number : port);
}

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
