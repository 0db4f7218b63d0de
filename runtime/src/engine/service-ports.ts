import { SERVICE_NAME_LABEL, type EndpointSlice, type Service } from '../kubernetes';
import type { Endpoint, ServicePort } from '../local/outside-config';
import { resourceKey, resourcesOf, type Snapshot } from '../model/snapshot';

/** The ready endpoints of every port of every Service, as kube-proxy sees them. */
export class ServicePorts {
  private readonly slices = new Map<string, EndpointSlice[]>();

  public constructor(private readonly snapshot: Snapshot) {
    for (const resource of resourcesOf(snapshot, 'discovery.k8s.io/EndpointSlice').values()) {
      const slice = resource as EndpointSlice;
      const key = resourceKey(slice.metadata.namespace, slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '');
      this.slices.set(key, [...this.slices.get(key) ?? [], slice]);
    }
  }

  /** TCP ports of ClusterIPs. */
  public clusterIps(): ServicePort[] {
    return this.services().flatMap((service) => {
      const address = service.spec?.clusterIP;
      if (!address || address === 'None') {
        return [];
      }
      return tcpPorts(service).map(({ port, name }) => ({ address, port, endpoints: this.endpoints(service, name) }));
    });
  }

  /** The addresses behind one port of a Service. */
  public endpoints({ metadata }: Service, portName = ''): Endpoint[] {
    const slices = this.slices.get(resourceKey(metadata.namespace, metadata.name)) ?? [];
    return slices.flatMap(({ endpoints = [], ports = [] }) => {
      const port = ports.find(({ name = '' }) => name === portName)?.port;
      const ready = port === undefined ? [] : endpoints.filter(({ conditions }) => conditions?.ready !== false);
      return ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port: port as number })));
    });
  }

  public services(): Service[] {
    return [...resourcesOf(this.snapshot, '/Service').values()] as Service[];
  }
}

export function tcpPorts(service: Service): readonly { readonly port: number; readonly name?: string }[] {
  return (service.spec?.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
}
