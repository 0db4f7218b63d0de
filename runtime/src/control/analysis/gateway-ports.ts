import type { GatewaySpec } from '../../istio';
import type { PodSpec, ServicePort, ServiceSpec } from '../../kubernetes';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { formatLabels, hasLabels, inNamespace } from './pods';

const KINDS = { gateways: 'networking.istio.io/Gateway', pods: '/Pod', services: '/Service' } as const;

type World = Kinds<keyof typeof KINDS>;

/**
 * Ports of a Gateway that no Service in front of its pods offers, so that nobody outside gets there: IST0104 of `istioctl analyze`
 * (pkg/config/analysis/analyzers/gateway/gateway.go). A port may be that of the Service or that of the pods; several Services are one front.
 */
export class GatewayPorts extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    const offered = new Offered();
    super(KINDS, (world) => [...world.gateways.values()].flatMap((gateway) => check(gateway, offered.of(gateway, world))));
  }
}

/** Gateways most often share their selector. */
class Offered {
  private latest?: { readonly world: World; readonly ports: Map<string, ReadonlySet<number> | undefined> };

  public of({ spec }: Resource, world: World): ReadonlySet<number> | undefined {
    const { selector = {} } = spec as GatewaySpec;
    if (!this.latest || this.latest.world.pods !== world.pods || this.latest.world.services !== world.services) {
      this.latest = { world, ports: new Map() };
    }
    const { ports } = this.latest;
    const key = formatLabels(selector);
    if (!ports.has(key)) ports.set(key, offeredPorts(selector, world));
    return ports.get(key);
  }
}

/** Undefined where no pod is selected, which is told elsewhere. */
function offeredPorts(selector: Readonly<Record<string, string>>, { pods, services }: World): ReadonlySet<number> | undefined {
  const selected = [...pods.values()].filter((pod) => hasLabels(pod, selector));
  return selected.length === 0 ? undefined : new Set(selected.flatMap((pod) => inNamespace(services, pod.metadata.namespace).filter((service) => isInFront(service, pod))
    .flatMap((service) => ((service.spec as ServiceSpec).ports ?? []).flatMap((port) => [port.port, targetOf(port, pod)]))));
}

function isInFront({ spec }: Resource, pod: Resource): boolean {
  const { selector = {} } = (spec ?? {}) as ServiceSpec;
  return Object.keys(selector).length > 0 && hasLabels(pod, selector);
}

function targetOf({ port, targetPort = port }: ServicePort, pod: Resource): number {
  const { containers = [], initContainers = [] } = (pod.spec ?? {}) as Partial<PodSpec>;
  const named = [...containers, ...initContainers].flatMap(({ ports = [] }) => ports).find(({ name }) => name === targetPort);
  return typeof targetPort === 'number' ? targetPort : named?.containerPort ?? port;
}

function check({ kind, metadata: { namespace, name }, spec }: Resource, offered: ReadonlySet<number> | undefined): Problem[] {
  const { selector = {}, servers = [] } = spec as GatewaySpec;
  return offered === undefined ? [] : servers.flatMap(({ port }, i): Problem[] => (port?.number === undefined || offered.has(port.number) ? [] : [{
    resource: { kind, namespace, name },
    path: `spec.servers[${i}].port.number`,
    message: `no Service in front of the pods with ${formatLabels(selector)} offers port ${port.number}, so it is open inside of the cluster only: `
      + (offered.size === 0 ? 'add a Service that selects them and has this port' : `add it to the ports of the Service, which are ${[...offered].sort((a, b) => a - b).join(', ')}`),
    severity: 'warning',
  }]));
}
