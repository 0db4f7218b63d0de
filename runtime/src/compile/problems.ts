import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Destination, VirtualService, WeightedDestination } from '../model/route';
import { covers, isWildcard } from '../model/host';

/** Destinations that no service has: requests there are answered with 503, as in Istio, so whoever wrote them should know. */
export function unknownDestinations(mesh: Mesh): Problem[] {
  const wildcards = [...mesh.servicesByHost.keys()].filter(isWildcard);
  const isKnown = ({ host }: Destination) => mesh.servicesByHost.has(host) || wildcards.some((pattern) => covers(pattern, host));
  return mesh.virtualServices.flatMap((one) => writtenDestinations(one).filter(({ destination }) => !isKnown(destination)).map(({ destination, path }) => ({
    resource: one.resource,
    path: `${path}.host`,
    message: `no service is called '${destination.host}': requests there are answered with 503; name a Service, or add a ServiceEntry`,
    severity: 'warning' as const,
  })));
}

function writtenDestinations({ http, tls, tcp }: VirtualService): WeightedDestination[] {
  return [...http, ...tls, ...tcp].flatMap((rule) => rule.destinations);
}
