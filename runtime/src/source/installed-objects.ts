import type { PodTemplate } from '../kubernetes';
import type { Resource } from '../model/resource';

/** A gateway as Istio's installer leaves it in a cluster. */
export interface InstalledGateway {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly type: 'LoadBalancer' | 'ClusterIP';
  readonly ports: readonly InstalledPort[];
  /** Whether Ingresses of Istio's class are its work. */
  readonly servesIngress?: true;
}

interface InstalledPort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

const STATUS: InstalledPort = { name: 'status-port', port: 15021, targetPort: 15021 };
const WEB: readonly InstalledPort[] = [{ name: 'http2', port: 80, targetPort: 8080 }, { name: 'https', port: 443, targetPort: 8443 }];

/**
 * Names, labels and ports of Istio's demo profile, and of its Helm chart `gateway` as the documents install it.
 * https://istio.io/latest/docs/setup/additional-setup/config-profiles/ and https://istio.io/latest/docs/setup/additional-setup/gateway/
 */
export const INSTALLED: readonly InstalledGateway[] = [
  {
    name: 'istio-ingressgateway', namespace: 'istio-system', type: 'LoadBalancer', ports: [STATUS, ...WEB], servesIngress: true,
    labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
  },
  {
    name: 'istio-egressgateway', namespace: 'istio-system', type: 'ClusterIP', ports: WEB,
    labels: { app: 'istio-egressgateway', istio: 'egressgateway' },
  },
  {
    name: 'istio-ingress', namespace: 'istio-ingress', type: 'LoadBalancer', ports: [STATUS, ...WEB.map((one) => ({ ...one, targetPort: one.port }))],
    labels: { app: 'istio-ingress', istio: 'ingress' },
  },
];

/** @param inject gives a pod template the gateway's proxy */
export function installedWorkload({ name, namespace, labels }: InstalledGateway, inject: (template: PodTemplate, workload: string) => PodTemplate): readonly Resource[] {
  const account = `${name}-service-account`;
  const metadata = (own: string): Resource['metadata'] => ({ name: own, namespace, labels });
  const template: PodTemplate = { metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } }, spec: { serviceAccountName: account, containers: [] } };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(account) },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(name), spec: { selector: { matchLabels: labels }, template: inject(template, name) } },
  ];
}

/** @param numbers ports of Gateways: those that the installer does not open are what people add to it */
export function installedService({ name, namespace, labels, type, ports }: InstalledGateway, numbers: readonly number[]): Resource {
  const known = new Set(ports.flatMap(({ port, targetPort }) => [port, targetPort]));
  const more = numbers.filter((number) => !known.has(number) && number > 0 && number < 65_536).map((number) => ({ name: `tcp-${number}`, port: number, targetPort: number }));
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels }, spec: { type, selector: labels, ports: [...ports, ...more] } };
}
