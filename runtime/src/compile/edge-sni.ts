import { sniCluster } from '../model/cluster';
import { covers } from '../model/host';
import type { MeshSettings } from '../model/mesh';
import type { Service } from '../model/service';
import type { EdgeChain } from './emit/edge-listener';
import { PEER_PROTOCOLS } from './emit/inbound-form';
import { tcpFilter } from './emit/network-filter';
import type { Destinations } from './scope';
import { targetsOf } from './targets';

/** Services of the mesh that hosts of a server stand for. */
export function passedOnServices({ services }: Destinations, hosts: readonly string[]): Service[] {
  return services.filter((one) => !one.meshExternal && one.resolution !== 'alias' && hosts.some((host) => covers(host, one.host)));
}

/**
 * One chain for each cluster of those services: the name that the client asks for is the cluster's. That is how clusters of several networks
 * reach each other, https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSmode
 */
export function sniChains(destinations: Destinations, hosts: readonly string[], settings: MeshSettings): EdgeChain[] {
  const targets = targetsOf(destinations);
  return passedOnServices(destinations, hosts).flatMap((service) => {
    const subsets = ['', ...(destinations.ruleFor(service)?.subsets ?? []).map(({ name }) => name)];
    return service.ports.filter(({ protocol }) => protocol !== 'UDP').flatMap(({ number: port }) => subsets.map((subset): EdgeChain => {
      const target = sniCluster(port, subset, service.host);
      const policy = targets.settingsOf({ host: service.host, subset, port }, port);
      // Nobody else gets through, since nothing here looks into the connection.
      return { names: [target], protocols: PEER_PROTOCOLS, filters: [tcpFilter({ statPrefix: target, target, settings, policy })] };
    }));
  });
}
