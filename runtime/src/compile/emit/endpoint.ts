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
  for (const endpoint of endpoints) {
    const emitted = endpoint.ready && selects(labels, endpoint.labels) ? emitEndpoint(endpoint, port) : undefined;
    const { locality = '' } = endpoint;
    const group = localities.get(locality);
    if (emitted && group) {
      group.push(emitted);
    } else if (emitted) {
      localities.set(locality, [emitted]);
    }
  }
  const groups = [...localities].map(([locality, lbEndpoints]) => ({
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

function emitEndpoint(endpoint: Endpoint, port: ServicePort): LbEndpoint | undefined {
  const address = addressOf(endpoint, port);
  return address && { endpoint: { address }, ...(endpoint.weight !== undefined && { loadBalancingWeight: uint32(endpoint.weight) }) };
}

function addressOf(endpoint: Endpoint, port: ServicePort): Address | undefined {
  if (endpoint.address.startsWith('unix://')) {
    return { pipe: { path: endpoint.address.slice('unix://'.length) } };
  }
  const number = endpoint.ports[port.name] ?? (endpoint.only ? undefined : port.targetPort);
  return number === undefined || endpoint.address === '' ? undefined : socketAddress(endpoint.address, number);
}
