import { ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { Mesh } from '../mesh';
import type { GatewayTopology } from '../gateway-props';
import { MeshError } from '../mesh-error';
import type { SidecarPodTemplate } from '../sidecar';
import { PROXY_CONTAINER } from '../sidecar';
import { defined } from './merge';
import { checkWhole } from './number-range';

/** A port that a gateway listens on. */
export interface GatewayPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'http' | 'http2' | 'grpc' | 'https' | 'tls' | 'tcp' | 'mongo';
}

/** What is special about the proxies of a gateway. */
export interface WorkloadOptions extends GatewayTopology {
  readonly nodePorts?: Readonly<Record<number, number>>;
  readonly serviceAnnotations?: Readonly<Record<string, string>>;
  readonly http3?: boolean;
}

interface GatewayWorkloadProps extends WorkloadOptions {
  readonly mesh: Mesh;
  readonly name: string;
  readonly namespace: string;
  /** Labels of everything, where they are not made from the name. */
  readonly labels?: Readonly<Record<string, string>>;
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
    const { name, namespace, serviceType, serviceAnnotations } = props;
    this.checkNodePorts();
    const labels = props.labels ?? GatewayWorkload.labels(name);
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
      metadata: { ...metadata, ...(serviceAnnotations && { annotations: { ...serviceAnnotations } }) },
      spec: { type: serviceType, selector: labels, ports: Lazy.any({ produce: () => this.servicePorts() }) },
    });
  }

  /** HTTP/3 runs over UDP: Envoy listens for it on the ports for HTTPS that the Service opens for UDP as well. */
  private servicePorts(): object[] {
    const { ports, nodePorts = {}, http3 } = this.props;
    const opened = ports();
    const tcp = opened.map(({ name, number, protocol }) =>
      defined({ name, port: number, targetPort: number, appProtocol: protocol, nodePort: nodePorts[number] }));
    const udp = !http3 ? [] : opened.filter(({ protocol }) => protocol === 'https')
      .map(({ number }) => ({ name: number === 443 ? 'http3' : `http3-${number}`, port: number, targetPort: number, protocol: 'UDP' }));
    return [HEALTH, ...tcp, ...udp];
  }

  private checkNodePorts(): void {
    const { nodePorts = {}, serviceType } = this.props;
    const numbers = Object.values(nodePorts);
    numbers.forEach((number) => checkWhole(number, 'nodePorts', this, { min: 1, max: 65535 }));
    const problem = numbers.length === 0 ? undefined : serviceType === 'ClusterIP' ? 'a Service of type ClusterIP has no node ports'
      : new Set(numbers).size < numbers.length ? 'two ports have the same node port' : undefined;
    if (problem !== undefined) {
      throw new MeshError({ construct: this.node.scope, code: 'invalid-value', problem, fix: 'change `nodePorts` or `serviceType`' });
    }
    this.node.addValidation({
      validate: () => Object.keys(nodePorts).filter((port) => !this.props.ports().some(({ number }) => String(number) === port))
        .map((port) => `nodePorts names port ${port}, which the gateway does not open`),
    });
  }

  private template(): SidecarPodTemplate {
    const { mesh, name, namespace, ports, labels } = this.props;
    const config = topologyAnnotation(this.props);
    const template = {
      metadata: { labels: labels ?? GatewayWorkload.labels(name), ...(config && { annotations: { 'proxy.istio.io/config': config } }) },
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
    return mesh.runtime.gateway(template, workload, mesh.proxyHome);
  }
}

/** `proxy.istio.io/config`, a ProxyConfig as text; undefined where nothing of it is set. */
export function topologyAnnotation({ numTrustedProxies, proxyProtocol, forwardClientCertificate, connectionProfile }: GatewayTopology): string | undefined {
  const gatewayTopology = defined({
    numTrustedProxies, proxyProtocol: proxyProtocol ? {} : undefined, forwardClientCertDetails: forwardClientCertificate,
  });
  const config = defined({
    gatewayTopology: Object.keys(gatewayTopology).length === 0 ? undefined : gatewayTopology, connectionSettings: connectionProfile && { profile: connectionProfile },
  });
  return Object.keys(config).length === 0 ? undefined : JSON.stringify(config);
}
