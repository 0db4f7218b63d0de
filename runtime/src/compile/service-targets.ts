import type { Endpoint } from '../model/endpoint';
import type { Mesh } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import type { Service, ServicePort } from '../model/service';
import { selects } from '../model/workload';

/** A port of a service that a proxy's own workload answers. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
  /** The workload's port. */
  readonly target: number;
}

/** The services of which the proxy's workload is an endpoint, oldest first. */
export function serviceTargets(mesh: Mesh, proxy: Proxy): ServiceTarget[] {
  return mesh.services.flatMap((service) => {
    const endpoint = ownEndpoint(mesh, proxy, service);
    return endpoint ? service.ports.flatMap((port) => targetOf(service, port, endpoint)) : [];
  });
}

function targetOf(service: Service, port: ServicePort, endpoint: Endpoint): ServiceTarget[] {
  const target = endpoint.ports[port.name] ?? port.targetPort;
  return target === undefined || port.protocol === 'UDP' ? [] : [{ service, port, target }];
}

/** By address; a pod that is just starting is known by its labels only. */
function ownEndpoint(mesh: Mesh, proxy: Proxy, service: Service): Endpoint | undefined {
  if (service.namespace !== proxy.namespace && service.registry === 'kubernetes') {
    return undefined;
  }
  const known = mesh.endpoints.of(service).find((endpoint) => proxy.addresses.includes(endpoint.address));
  const selected = service.namespace === proxy.namespace && service.selector !== undefined && selects(service.selector, proxy.labels);
  return known ?? (selected && Object.keys(service.selector ?? {}).length > 0
    ? { address: proxy.addresses[0], ports: portsOf(mesh, service), labels: proxy.labels, ready: false }
    : undefined);
}

/** Named ports are numbers in the EndpointSlices of other pods of the service. */
function portsOf(mesh: Mesh, service: Service): Endpoint['ports'] {
  return mesh.endpoints.of(service)[0]?.ports ?? {};
}
