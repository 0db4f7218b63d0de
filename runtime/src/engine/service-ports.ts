import { isIPv4 } from 'node:net';
import { SERVICE_NAME_LABEL, type EndpointSlice, type Service } from '../kubernetes';
import { POD_NETWORK } from '../local/network';
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

  /** TCP ports of ClusterIPs, and of the other addresses that lead to Services: external ones, those of load balancers, ports of the node. */
  public addresses(): ServicePort[] {
    const taken = new Set<string>();
    return this.services().flatMap((service) => tcpPorts(service).flatMap(({ port, nodePort, name }) => {
      const open = [...addressesOf(service).map((address) => ({ address, port })), ...(nodePort ? [{ address: POD_NETWORK.gateway, port: nodePort }] : [])];
      const endpoints = this.endpoints(service, name);
      return open.filter(({ address, port: number }) => isNew(taken, `${address}:${number}`)).map((one) => ({ ...one, endpoints }));
    }));
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

/** IPv4, as all of the machine is. */
function addressesOf({ spec, status }: Service): string[] {
  const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: readonly { ip?: string }[] } };
  const all = [spec?.clusterIP, ...spec?.externalIPs ?? [], ...(loadBalancer?.ingress ?? []).map(({ ip }) => ip)];
  return all.filter((address): address is string => address !== undefined && isIPv4(address));
}

function isNew(taken: Set<string>, key: string): boolean {
  const fresh = !taken.has(key);
  taken.add(key);
  return fresh;
}

export function tcpPorts(service: Service): readonly { readonly port: number; readonly nodePort?: number; readonly name?: string }[] {
  return (service.spec?.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
}
