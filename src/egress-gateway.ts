import { Construct } from 'constructs';
import { DestinationRule } from '../imports/istio/destination-rule';
import { Gateway as GatewayResource } from '../imports/istio/gateway';
import type { GatewaySpec, GatewaySpecServers } from '../imports/istio/gateway.types';
import { ExternalService } from './external-service';
import { Mesh, namespaceOf } from './mesh';
import { Port } from './port';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { DeclaredAccess } from './private/declared-access';
import type { EgressHop } from './private/egress-legs';
import { egressPolicy } from './private/egress-policy';
import { GatewayWorkload, type GatewayPort } from './private/gateway-workload';
import { claimService, serviceOf } from './private/host-claims';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { checkHost, checkLabel, checkNamespace, hostAsName, isWildcard, serviceHost, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import { MeshObject } from './private/plain-print';
import type { PodPorts } from './private/pod-ports';
import type { Selection } from './private/selection';
import { isHttp, isTls } from './private/ports';

/** What may leave the mesh, and through how many proxies. */
export interface EgressGatewayProps {
  /**
   * Hosts that are reached through the gateway, HTTP on port 80 and TLS on port 443 by its server name; `allow` adds more.
   * @default none
   */
  readonly hosts?: readonly string[];
  /**
   * Whether pods are kept from going around the gateway: in its own namespace, or in these. Writes a NetworkPolicy in each, after which pods
   * reach DNS and what is in the mesh's namespaces, and nothing else. It takes a network plug-in that enforces NetworkPolicies.
   * @default false: the mesh's proxies lead traffic through the gateway, but nothing stops a pod without one
   */
  readonly enforce?: boolean | readonly string[];
  /**
   * Whether requests for hosts come to it by the mesh's own mutual TLS, so that nobody can read them on the way, and the gateway knows who
   * asks. What is TLS already goes through as it is. Writes servers with `ISTIO_MUTUAL`, and a DestinationRule for the gateway's Service.
   * @default false, as in Istio: proxies speak plainly to gateways
   */
  readonly mutualTls?: boolean;
  /**
   * How many pods.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * The mesh, where the gateway is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/** An egress gateway whose proxies somebody else runs: `EgressGateway.fromSelector`. */
export interface SelectedEgressGatewayProps extends Omit<EgressGatewayProps, 'replicas'> {
  /** Labels that its pods have, such as `{ istio: 'egressgateway' }` for the one that Istio installs. */
  readonly selector: Readonly<Record<string, string>>;
  /** The name of its Service. */
  readonly service: string;
  /**
   * The namespace of its Service.
   * @default the namespace of the control plane, `istio-system`
   */
  readonly namespace?: string;
}

interface Workload {
  readonly own: boolean;
  readonly service: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the maker tells the constructor beyond the props that everybody sees. */
const ORIGIN = Symbol('origin');
interface Origin {
  readonly [ORIGIN]?: { readonly selector: Readonly<Record<string, string>>; readonly service: string; readonly namespace?: string };
}

/**
 * An exit of the mesh: requests for its hosts go from the sidecars to this gateway and from there to the host. Writes the proxies (Deployment,
 * Service, ServiceAccount named as the gateway), a Gateway, and for each host a ServiceEntry and a VirtualService with both legs.
 *
 * @example
 * new EgressGateway(mesh, 'egress', { hosts: ['api.example.com'] });
 */
export class EgressGateway extends Construct {
  /**
   * An exit through proxies that somebody else runs, such as the egress gateway that Istio installs. Their Service must open the ports.
   *
   * @example
   * EgressGateway.fromSelector(mesh, 'exit', { selector: { istio: 'egressgateway' }, service: 'istio-egressgateway', hosts: ['api.example.com'] });
   * @throws {@link MeshError} as the constructor, `invalid-value` for an empty selector
   */
  public static fromSelector(scope: Construct, id: string, props: SelectedEgressGatewayProps): EgressGateway {
    const { selector, service, namespace, ...others } = props;
    return new EgressGateway(scope, id, { ...others, [ORIGIN]: { selector, service, namespace } } as EgressGatewayProps);
  }

  /** The name of the Gateway and its workload. */
  public readonly name: string;
  /** The namespace of both. */
  public readonly namespace: string;
  /** The Gateway object, an ordinary ApiObject. */
  public readonly gateway: GatewayResource;

  private readonly mesh: Mesh;
  private readonly workload: Workload;
  private readonly mutualTls: boolean;
  private readonly allowed: ExternalService[] = [];

  /**
   * @throws {@link MeshError} `duplicate-host` if a host is declared elsewhere or is one of the mesh, `invalid-name`
   */
  public constructor(scope: Construct, id: string, props: EgressGatewayProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    this.mesh = props.mesh ?? Mesh.of(this);
    this.name = checkLabel(id, 'gateway name', this);
    this.namespace = namespaceOf(this);
    this.workload = this.findWorkload((props as Origin)[ORIGIN]);
    this.mutualTls = props.mutualTls ?? false;
    this.mesh.joinNamespace(this.namespace, this);
    if (this.workload.own) {
      this.createWorkload(props.replicas ?? 1);
    }
    const enforced = props.enforce === true ? [this.namespace] : props.enforce || [];
    enforced.forEach((namespace) => this.enforce(checkNamespace(namespace, this)));
    this.gateway = new GatewayResource(this, 'gateway', {
      metadata: { name: this.name, namespace: this.namespace }, spec: lateSpec(this, () => this.render()),
    });
    this.node.addValidation({
      validate: () => (this.allowed.length > 0 ? [] : [`EgressGateway ${this.name} lets nothing out: give it \`hosts\`, or \`allow\` some`]),
    });
    if (this.mutualTls) {
      this.writeClientSide();
    }
    props.hosts?.forEach((host) => this.allow(host));
    AppRegistry.of(this).egressGateways.add(this);
    if (this.mesh.declaresAccess && this.workload.own) {
      new DeclaredAccess(this, 'access').ofEgress(this, { allowed: () => this.allowed, knowsCallers: this.mutualTls });
    }
  }

  /**
   * Lets the traffic of a host leave through this gateway. Saying so twice changes nothing.
   *
   * @returns the external service, for the `calls` of the services that use it
   * @example
   * reviews.call(egress.allow('*.example.org'));
   * @throws {@link MeshError} `duplicate-host`, `invalid-value` if a port is neither HTTP nor TLS or is used for both
   */
  public allow(host: string | ExternalService): ExternalService {
    const known = this.allowed.find((external) => external === host || (external.node.scope === this && external.hosts[0] === host));
    if (known !== undefined) {
      return known;
    }
    const external = typeof host === 'string' ? this.declare(host) : host;
    checkReference(external, 'the external service', this);
    rulesOf(external)[0].props.ports.forEach(({ port }) => this.checkPort(port));
    const { service, namespace } = this.workload;
    const hop: EgressHop = { host: serviceHost(service, namespace), namespace, gateway: `${this.namespace}/${this.name}` };
    rulesOf(external).forEach((rules) => rules.routeThrough(hop, this));
    this.allowed.push(external);
    AppRegistry.of(this).changes += 1;
    return external;
  }

  /** The ports that its pods listen on. @internal */
  public get podPorts(): PodPorts {
    const numbers = (requests: boolean) => this.ports().filter(({ listener }) => (listener.protocol === 'http') === requests).map(({ listener }) => listener.number);
    return { requests: numbers(true), connections: numbers(false) };
  }

  /** Where policies for it stand, and how they name it. @internal */
  public policyPlace(): { readonly namespace: string; readonly selection: Selection } {
    return { namespace: this.workload.namespace, selection: { selector: { matchLabels: this.workload.labels } } };
  }

  /** Our own proxies are named as the gateway; those of others must be somewhere. */
  private findWorkload(origin: Origin[typeof ORIGIN]): Workload {
    if (origin === undefined) {
      claimService(this.name, this.namespace, this);
      return { own: true, service: this.name, namespace: this.namespace, labels: GatewayWorkload.labels(this.name) };
    }
    const { selector: labels, service, namespace = this.mesh.controlPlaneNamespace } = origin;
    if (Object.keys(labels).length === 0) {
      throw invalid(this, 'has an empty `selector`, which selects every proxy', 'give it the labels of the gateway\'s pods');
    }
    if (serviceOf(AppRegistry.of(this), serviceHost(service, namespace)) === undefined) {
      claimService(checkLabel(service, 'service name', this), checkNamespace(namespace, this), this);
    }
    return { own: false, service, namespace, labels };
  }

  private createWorkload(replicas: number): void {
    new GatewayWorkload(this, {
      mesh: this.mesh,
      name: this.name,
      namespace: this.namespace,
      serviceType: 'ClusterIP',
      replicas: checkWhole(replicas, 'replicas', this, { min: 0 }),
      ports: () => this.ports().map(({ listener }) => listener),
    });
  }

  /** Proxies speak plainly to gateways unless they are told. */
  private writeClientSide(): void {
    const { service, namespace } = this.workload;
    new DestinationRule(this, 'destination-rule', {
      metadata: { name: service, namespace },
      spec: lateSpec(this, () => ({
        host: serviceHost(service, namespace),
        trafficPolicy: { portLevelSettings: this.podPorts.requests.map((number) => ({ port: { number }, tls: { mode: 'ISTIO_MUTUAL' as const } })) },
      })),
    });
  }

  private enforce(namespace: string): void {
    const { workload, mesh, name } = this;
    new MeshObject(this, `network-policy-${namespace}`, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `${name}-only`, namespace },
      spec: lateSpec(this, () => egressPolicy({
        spared: namespace === workload.namespace ? workload.labels : undefined,
        namespaces: [namespace, workload.namespace, mesh.controlPlaneNamespace, ...mesh.namespaceNames],
      })),
    });
  }

  /** A proxy cannot ask DNS for a wildcard: it looks up the name of each request. */
  private declare(host: string): ExternalService {
    return new ExternalService(this, hostAsName(checkHost(host, this)), {
      host, port: [Port.http(80), Port.tls(443)], resolution: isWildcard(host) ? 'DYNAMIC_DNS' : undefined, mesh: this.mesh,
    });
  }

  private checkPort(port: Port): void {
    if (!isHttp(port) && !isTls(port)) {
      throw invalid(this, `carries HTTP and TLS, not ${port.protocol}: connections say no host`, 'let workloads reach it directly by an ExternalService');
    }
    const other = this.ports().find(({ listener }) => listener.number === port.number);
    if (other !== undefined && (other.listener.protocol === 'http') !== isHttp(port)) {
      throw invalid(this, `port ${port.number} is used for HTTP by one host and for TLS by another`, 'give one of them another port, with `targetPort`');
    }
  }

  /** Each port with the hosts that use it, by number. */
  private ports(): { readonly listener: GatewayPort; readonly hosts: readonly string[] }[] {
    const ports = new Map<number, { listener: GatewayPort; hosts: string[] }>();
    for (const external of this.allowed) {
      for (const { port } of rulesOf(external)[0].props.ports) {
        const protocol = isHttp(port) ? 'http' : 'tls';
        const standard = port.number === 80 || port.number === 443;
        const known = ports.get(port.number) ?? { listener: { name: standard ? protocol : `${protocol}-${port.number}`, number: port.number, protocol }, hosts: [] };
        known.hosts.push(...external.hosts);
        ports.set(port.number, known);
      }
    }
    return [...ports.values()].sort((a, b) => a.listener.number - b.listener.number);
  }

  private render(): GatewaySpec {
    // Proxies ask for the gateway itself by TLS, whatever host the requests inside are for.
    const requests = (name: string, number: number, hosts: readonly string[]): GatewaySpecServers => (this.mutualTls
      ? { hosts: ['*'], port: { name: name.replace('http', 'https'), number, protocol: 'HTTPS' }, tls: { mode: 'ISTIO_MUTUAL' } }
      : { hosts, port: { name, number, protocol: 'HTTP' } });
    const servers = this.ports().map(({ listener: { name, number, protocol }, hosts }): GatewaySpecServers => (protocol === 'http'
      ? requests(name, number, hosts)
      : { hosts, port: { name, number, protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' } }));
    return { selector: this.workload.labels, servers };
  }
}
