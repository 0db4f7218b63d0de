import { NAME_OVERRIDE, defaultName, deployedName } from '../gateway-api';
import type { GatewaySpec, GatewaySpecListeners } from '../gateway-api';
import type { PodTemplate } from '../kubernetes';
import type { Resource } from '../model/resource';

type Strings = Readonly<Record<string, string>>;

const SERVICE_ACCOUNT_OVERRIDE = 'gateway.istio.io/service-account';
const SERVICE_TYPE = 'networking.istio.io/service-type';
const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';
const CLASS_NAME_LABEL = 'gateway.networking.k8s.io/gateway-class-name';
/** Annotations of a Gateway that are about it, and not about what is deployed for it. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration', NAME_OVERRIDE, SERVICE_ACCOUNT_OVERRIDE, 'gateway.istio.io/controller-version',
]);

export interface GatewayObjects {
  readonly serviceAccount: Resource;
  readonly deployment: Resource;
  readonly service: Resource;
}

/**
 * What Istio deploys for a Gateway that has no address of its own: https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment
 * @param listeners its own, and those of its ListenerSets
 * @param inject gives a pod template the gateway's proxy
 */
export function gatewayObjects(
  gateway: Resource, listeners: readonly GatewaySpecListeners[], inject: (template: PodTemplate, workload: string) => PodTemplate,
): GatewayObjects {
  const spec = gateway.spec as GatewaySpec;
  const { namespace, name, annotations = {} } = gateway.metadata;
  const deployed = deployedName(gateway);
  const account = annotations[SERVICE_ACCOUNT_OVERRIDE] || defaultName(name, spec);
  const infrastructure = infrastructureOf(gateway, spec);
  const labels = { ...infrastructure.labels, 'gateway.istio.io/managed': 'istio.io-gateway-controller', [GATEWAY_NAME_LABEL]: name, [CLASS_NAME_LABEL]: spec.gatewayClassName };
  const owner = [{ apiVersion: gateway.apiVersion, kind: gateway.kind, name }];
  const metadata = (own: string): Resource['metadata'] => ({
    name: own, namespace, labels, ...(Object.keys(infrastructure.annotations).length > 0 && { annotations: infrastructure.annotations }), ownerReferences: owner,
  } as Resource['metadata']);
  const template: PodTemplate = {
    metadata: {
      annotations: infrastructure.annotations,
      labels: { ...labels, 'sidecar.istio.io/inject': 'false', 'service.istio.io/canonical-name': deployed, 'service.istio.io/canonical-revision': 'latest' },
    },
    spec: { serviceAccountName: account, containers: [] },
  };
  const selector = { [GATEWAY_NAME_LABEL]: name };
  return {
    serviceAccount: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(account) },
    deployment: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(deployed), spec: { selector: { matchLabels: selector }, template: inject(template, deployed) } },
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(deployed),
      spec: {
        type: annotations[SERVICE_TYPE] || 'LoadBalancer',
        selector,
        ports: servicePorts(listeners),
        ...(spec.addresses?.[0]?.value && { loadBalancerIP: spec.addresses[0].value }),
      },
    },
  };
}

/** Those of `spec.infrastructure`; without them those of the Gateway itself. */
function infrastructureOf({ metadata }: Resource, { infrastructure }: GatewaySpec): { readonly labels: Strings; readonly annotations: Strings } {
  const pick = (given: Strings | undefined, skipped: (name: string) => boolean): Strings =>
    Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => !skipped(name)));
  const reserved = (name: string): boolean => name.startsWith('gateway.networking.k8s.io/');
  return {
    labels: infrastructure?.labels ? pick(infrastructure.labels, reserved) : pick(metadata.labels, () => false),
    annotations: pick(infrastructure?.annotations ? pick(infrastructure.annotations, reserved) : metadata.annotations, (name) => OWN_ANNOTATIONS.has(name)),
  };
}

function servicePorts(listeners: readonly GatewaySpecListeners[]): object[] {
  const ports = new Map<number, object>();
  for (const { name, port, protocol } of listeners) {
    if (!ports.has(port)) {
      ports.set(port, { name: portName(name), port, appProtocol: protocol.toLowerCase() });
    }
  }
  return [{ name: 'status-port', port: 15021, appProtocol: 'tcp' }, ...ports.values()];
}

/** Listeners may be called as hosts are, ports of Services as labels are. */
function portName(listener: string): string {
  return listener.toLowerCase().replace(/[^a-z0-9-]/g, '-').slice(0, 63).replace(/^-+|-+$/g, '');
}
