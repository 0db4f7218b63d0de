import type { Pod } from '../kubernetes';
import type { Endpoint } from '../local/outside-config';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import { selects } from './selector';
import { ServicePorts, tcpPorts } from './service-ports';

/** A Service in front of gateway pods. */
export interface GatewayService {
  /** `namespace/name` */
  readonly key: string;
  /** Whether it is meant to be reached from outside (LoadBalancer, NodePort). */
  readonly open: boolean;
  readonly ports: readonly GatewayPort[];
}

export interface GatewayPort {
  /** The Service's port, which callers name. */
  readonly port: number;
  readonly endpoints: readonly Endpoint[];
}

/** One host and port that gateways serve. */
export interface GatewayOverview {
  /** `namespace/name` of the Gateway object. */
  readonly name: string;
  /** `namespace/name` of the Service in front of its pods, if there is one. */
  readonly service?: string;
  readonly port: number;
  readonly protocol: string;
  readonly host: string;
  /** A path that a route takes. */
  readonly path: string;
}

/** Of a gateway's Service, for health checks of load balancers. */
export const STATUS_PORT = 15021;

export function gatewayServices(snapshot: Snapshot): GatewayService[] {
  const ports = new ServicePorts(snapshot);
  const gateways = [...resourcesOf(snapshot, '/Pod').values()].filter((pod) => isGateway(pod as Pod));
  return ports.services().filter((service) => gateways.some((pod) => selects(service, pod as Pod))).map((service) => ({
    key: `${service.metadata.namespace}/${service.metadata.name}`,
    open: service.spec?.type === 'LoadBalancer' || service.spec?.type === 'NodePort',
    ports: tcpPorts(service).filter(({ port }) => port !== STATUS_PORT)
      .map(({ port, name }) => ({ port, endpoints: ports.endpoints(service, name) })),
  }));
}

/** Whether the pod is a proxy of its own, not a sidecar. */
export function isGateway({ spec }: Pod): boolean {
  return spec.containers.some(({ name, args }) => name === 'istio-proxy' && args?.includes('router'));
}
