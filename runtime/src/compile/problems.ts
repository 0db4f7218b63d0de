import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Destination, VirtualService, WeightedDestination } from '../model/route';
import { covers, isWildcard } from '../model/host';
import { Derived, ObjectCache } from './cache';

type ServicesByHost = Mesh['servicesByHost'];

const wildcards = new Derived((hosts: ServicesByHost) => [...hosts.keys()].filter(isWildcard));
const unknown = new ObjectCache<VirtualService, readonly Problem[]>(1);

/** Destinations that no service has: requests there are answered with 503, as in Istio, so whoever wrote them should know. */
export function unknownDestinations({ virtualServices, servicesByHost }: Mesh): Problem[] {
  return virtualServices.flatMap((one) => unknown.get(one, [servicesByHost], () => unknownIn(one, servicesByHost)));
}

function unknownIn({ resource, http, tls, tcp }: VirtualService, servicesByHost: ServicesByHost): Problem[] {
  const isKnown = ({ host }: Destination) => servicesByHost.has(host) || wildcards.of(servicesByHost).some((pattern) => covers(pattern, host));
  return [...http, ...tls, ...tcp].flatMap((rule): readonly WeightedDestination[] => rule.destinations).filter(({ destination }) => !isKnown(destination))
    .map(({ destination, path }) => ({
      resource,
      path: `${path}.host`,
      message: `no service is called '${destination.host}': requests there are answered with 503; name a Service, or add a ServiceEntry`,
      severity: 'warning' as const,
    }));
}
