import type { Address, ClusterLoadAssignment, LbEndpoint, Locality } from '../../envoy';
import { uint32 } from '../../envoy';
import type { Endpoint } from '../../model/endpoint';
import type { ServicePort } from '../../model/service';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import { socketAddress } from './address';

/** The endpoints of one port of a service, or of those of its endpoints that carry a subset's labels. */
export function emitEndpoints(clusterName: string, endpoints: readonly Endpoint[], port: ServicePort, labels: Labels = {}): ClusterLoadAssignment {
  const localities = new Map<string, LbEndpoint[]>();
  for (const endpoint of endpoints.filter((one) => one.ready && selects(labels, one.labels))) {
    const locality = endpoint.locality ?? '';
    localities.set(locality, [...(localities.get(locality) ?? []), ...emitEndpoint(endpoint, port)]);
  }
  const groups = [...localities].filter(([, lbEndpoints]) => lbEndpoints.length > 0).map(([locality, lbEndpoints]) => ({
    ...(locality && { locality: emitLocality(locality) }),
    lbEndpoints,
  }));
  return { clusterName, ...(groups.length > 0 && { endpoints: groups }) };
}

/** `region/zone/sub-zone` */
function emitLocality(text: string): Locality {
  const [region, zone, subZone] = text.split('/');
  return { region, ...(zone && { zone }), ...(subZone && { subZone }) };
}

function emitEndpoint(endpoint: Endpoint, port: ServicePort): LbEndpoint[] {
  const address = addressOf(endpoint, port);
  return address
    ? [{ endpoint: { address }, ...(endpoint.weight !== undefined && { loadBalancingWeight: uint32(endpoint.weight) }) }]
    : [];
}

function addressOf(endpoint: Endpoint, port: ServicePort): Address | undefined {
  if (endpoint.address.startsWith('unix://')) {
    return { pipe: { path: endpoint.address.slice('unix://'.length) } };
  }
  const number = endpoint.ports[port.name] ?? port.targetPort;
  return number === undefined || endpoint.address === '' ? undefined : socketAddress(endpoint.address, number);
}
