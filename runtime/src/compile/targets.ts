import { Attachments } from '../model/attachment';
import type { DestinationRule } from '../model/cluster';
import { outboundCluster, settingsFor } from '../model/cluster';
import { isHttp2 } from '../model/protocol';
import type { Destination, VirtualService } from '../model/route';
import { destinationsOf } from '../model/route';
import type { Service } from '../model/service';
import { portOf } from '../model/service';
import type { Targets } from './emit/route';
import type { Scope } from './scope';

/** Where destinations lead, in a scope. */
export function targetsOf(scope: Scope): Targets {
  return {
    clusterOf: (destination, port) => clusterOf(scope, destination, port),
    speaksHttp2: (destination, port) => {
      const service = serviceOf(scope, destination, port);
      const protocol = service && portOf(service, portNumber(service, destination, port))?.protocol;
      return protocol !== undefined && isHttp2(protocol);
    },
    settingsOf: (destination, port) => {
      const service = serviceOf(scope, destination, port);
      const rule = service && scope.ruleFor(service);
      return rule ? settingsFor(rule.policy, portNumber(service, destination, port), subsetOf(rule, destination.subset)) : Attachments.NONE;
    },
  };
}

function clusterOf(scope: Scope, destination: Destination, port: number): string {
  const service = serviceOf(scope, destination, port);
  // A name of type ExternalName stands for another service.
  const host = service?.aliasOf ?? destination.host;
  return outboundCluster(portNumber(service, destination, port), destination.subset, host);
}

function serviceOf(scope: Scope, destination: Destination, port: number): Service | undefined {
  const services = scope.servicesByHost.get(destination.host) ?? [];
  return services.find((service) => portOf(service, destination.port ?? port)) ?? services[0];
}

/** The port that the destination names, else the only one of its service, else the one that was called. */
function portNumber(service: Service | undefined, destination: Destination, port: number): number {
  return destination.port ?? (service?.ports.length === 1 ? service.ports[0].number : port);
}

export function subsetOf(rule: DestinationRule | undefined, name: string) {
  return rule?.subsets.find((subset) => subset.name === name);
}

/** Everything that `targetsOf` may look at for these hosts: the inputs of whatever is made of it. */
export function targetInputs(scope: Scope, hosts: Iterable<string>): unknown[] {
  return [...hosts].flatMap((host) => (scope.servicesByHost.get(host) ?? []).flatMap((service) => [service, scope.ruleFor(service)]));
}

/** The same for everything that these VirtualServices name. */
export function ruleInputs(scope: Scope, virtualServices: readonly VirtualService[]): unknown[] {
  const hosts = new Set(virtualServices.flatMap(destinationsOf).map((destination) => destination.host));
  return [...virtualServices, ...targetInputs(scope, hosts)];
}
