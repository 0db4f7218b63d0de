import type { Endpoint } from '../model/endpoint';
import { ownPort } from '../model/endpoint';
import type { Mesh } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import type { Service, ServicePort } from '../model/service';
import { selects } from '../model/workload';
import { Derived, ObjectCache } from './cache';
import { append, groupBy } from './groups';

/** A port of a service that a proxy's own workload answers. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
  /** The workload's port. */
  readonly target: number;
}

/** Finds the services of which a proxy's workload is an endpoint, without a look at all services for every proxy. */
export class ServiceTargets {
  private readonly byAddress = new ObjectCache<Mesh['endpoints'], ReadonlyMap<string, readonly Service[]>>(1);
  private readonly byNamespace = new Derived((services: readonly Service[]) => groupBy(services, (one) => one.namespace));
  private readonly positions = new Derived((services: readonly Service[]) => new Map(services.map((service, i) => [service, i])));
  private readonly selecting = new ObjectCache<Proxy, readonly Service[]>(1);

  /** Oldest first. */
  public of(mesh: Mesh, proxy: Proxy): ServiceTarget[] {
    const { services, endpoints } = mesh;
    const byAddress = this.byAddress.get(endpoints, [services], () => groupByAddress(mesh));
    const positions = this.positions.of(services);
    const found = new Set([...this.selectingServices(services, proxy), ...proxy.addresses.flatMap((address) => byAddress.get(address) ?? [])]);
    return [...found].sort((a, b) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0)).flatMap((service) => {
      const endpoint = ownEndpoint(mesh, proxy, service);
      return endpoint ? service.ports.flatMap((port) => targetOf(service, port, endpoint)) : [];
    });
  }

  private selectingServices(services: Mesh['services'], proxy: Proxy): readonly Service[] {
    return this.selecting.get(proxy, [services], () => {
      const own = this.byNamespace.of(services).get(proxy.namespace) ?? [];
      return own.filter((service) => selects(service.selector ?? {}, proxy.labels));
    });
  }
}

function groupByAddress({ services, endpoints }: Mesh): Map<string, Service[]> {
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    new Set(endpoints.of(service).map((endpoint) => endpoint.address)).forEach((address) => append(groups, address, service));
  }
  return groups;
}

function targetOf(service: Service, port: ServicePort, endpoint: Endpoint): ServiceTarget[] {
  const target = ownPort(endpoint, port.name) ?? (endpoint.only ? undefined : port.targetPort);
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
