import type { Address, ClusterLoadAssignment, LbEndpoint } from '../../envoy';
import { uint32 } from '../../envoy';
import type { Endpoint } from '../../model/endpoint';
import type { ServicePort } from '../../model/service';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import { socketAddress } from './address';

/** The endpoints of one port of a service, or of those of its endpoints that carry a subset's labels. */
export function emitEndpoints(clusterName: string, endpoints: readonly Endpoint[], port: ServicePort, labels: Labels = {}): ClusterLoadAssignment {
  const lbEndpoints = endpoints
    .filter((endpoint) => endpoint.ready && selects(labels, endpoint.labels))
    .flatMap((endpoint) => emitEndpoint(endpoint, port));
  return { clusterName, ...(lbEndpoints.length > 0 && { endpoints: [{ lbEndpoints }] }) };
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
