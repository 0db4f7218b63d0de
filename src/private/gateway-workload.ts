import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { Mesh } from '../mesh';
import type { SidecarPodTemplate } from '../sidecar';
import { PROXY_CONTAINER } from '../sidecar';

/** A port that a gateway listens on. */
export interface GatewayPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'http' | 'https' | 'tls' | 'tcp';
}

interface GatewayWorkloadProps {
  readonly mesh: Mesh;
  readonly name: string;
  readonly namespace: string;
  readonly serviceType: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly replicas: number;
  /** Called when the objects are printed: routes may have added ports. */
  readonly ports: () => readonly GatewayPort[];
}

const HEALTH = { name: 'status-port', port: 15021, targetPort: 15021, appProtocol: 'http' };

/** The proxies of a gateway: ServiceAccount, Deployment and Service, all named as the gateway. */
export class GatewayWorkload extends Construct {
  /** The labels that a Gateway selects. */
  static labels(name: string): Readonly<Record<string, string>> {
    return { app: name, istio: name };
  }

  constructor(scope: Construct, private readonly props: GatewayWorkloadProps) {
    super(scope, 'workload');
    const { name, namespace, serviceType, ports } = props;
    const labels = GatewayWorkload.labels(name);
    const metadata = { name, namespace, labels };
    new ApiObject(this, 'service-account', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    new ApiObject(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: props.replicas, selector: { matchLabels: labels }, template: Lazy.any({ produce: () => this.template() }) },
    });
    new ApiObject(this, 'service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: serviceType,
        selector: labels,
        ports: Lazy.any({
          produce: () => [HEALTH, ...ports().map((port) => ({ name: port.name, port: port.number, targetPort: port.number, appProtocol: port.protocol }))],
        }),
      },
    });
  }

  private template(): SidecarPodTemplate {
    const { mesh, name, namespace, ports } = this.props;
    const template = {
      metadata: { labels: GatewayWorkload.labels(name) },
      spec: {
        serviceAccountName: name,
        securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
        containers: [{
          name: PROXY_CONTAINER,
          image: 'auto',
          ports: ports().map((port) => ({ name: port.name, containerPort: port.number })),
        }],
      },
    };
    const workload = { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace };
    return mesh.runtime.gateway(template, workload, mesh.controlPlaneNamespace);
  }
}
