import { Construct } from 'constructs';
import { Gateway as GatewayResource } from '../imports/istio/gateway';
import type { GatewaySpec, GatewaySpecServers } from '../imports/istio/gateway.types';
import { ExternalService } from './external-service';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import { Port } from './port';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import type { EgressHop } from './private/egress-legs';
import { GatewayWorkload, type GatewayPort } from './private/gateway-workload';
import { claimService } from './private/host-claims';
import { lateSpec } from './private/late-spec';
import { recordLocation } from './private/location';
import { checkHost, checkLabel, hostAsName, isWildcard, serviceHost, unusedId } from './private/names';
import { checkWhole } from './private/number-range';
import { isHttp, isTls } from './private/ports';

/** What may leave the mesh, and through how many proxies. */
export interface EgressGatewayProps {
  /**
   * Hosts that are reached through the gateway, HTTP on port 80 and TLS on port 443 by its server name; `allow` adds more.
   * @default none
   */
  readonly hosts?: readonly string[];
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

/**
 * An exit of the mesh: requests for its hosts go from the sidecars to this gateway and from there to the host. Writes the proxies (Deployment,
 * Service, ServiceAccount named as the gateway), a Gateway, and for each host a ServiceEntry and a VirtualService with both legs.
 *
 * @example
 * new EgressGateway(mesh, 'egress', { hosts: ['api.example.com'] });
 */
export class EgressGateway extends Construct {
  /** The name of the Gateway and its workload. */
  public readonly name: string;
  /** The namespace of both. */
  public readonly namespace: string;
  /** The Gateway object, an ordinary ApiObject. */
  public readonly gateway: GatewayResource;

  private readonly mesh: Mesh;
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
    claimService(this.name, this.namespace, this);
    this.mesh.joinNamespace(this.namespace, this);
    new GatewayWorkload(this, {
      mesh: this.mesh,
      name: this.name,
      namespace: this.namespace,
      serviceType: 'ClusterIP',
      replicas: checkWhole(props.replicas ?? 1, 'replicas', this, { min: 0 }),
      ports: () => this.ports().map(({ listener }) => listener),
    });
    this.gateway = new GatewayResource(this, 'gateway', {
      metadata: { name: this.name, namespace: this.namespace }, spec: lateSpec(this, () => this.render()),
    });
    this.node.addValidation({
      validate: () => (this.allowed.length > 0 ? [] : [`EgressGateway ${this.name} lets nothing out: give it \`hosts\`, or \`allow\` some`]),
    });
    props.hosts?.forEach((host) => this.allow(host));
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
    external.rules[0].props.ports.forEach(({ port }) => this.checkPort(port));
    const hop: EgressHop = { host: serviceHost(this.name, this.namespace), namespace: this.namespace, gateway: `${this.namespace}/${this.name}` };
    external.rules.forEach((rules) => rules.routeThrough(hop, this));
    this.allowed.push(external);
    AppRegistry.of(this).changes += 1;
    return external;
  }

  /** A proxy cannot ask DNS for a wildcard: it looks up the name of each request. */
  private declare(host: string): ExternalService {
    return new ExternalService(this, hostAsName(checkHost(host, this)), {
      host, port: [Port.http(80), Port.tls(443)], resolution: isWildcard(host) ? 'DYNAMIC_DNS' : undefined, mesh: this.mesh,
    });
  }

  private checkPort(port: Port): void {
    if (!isHttp(port) && !isTls(port)) {
      throw this.invalid(`carries HTTP and TLS, not ${port.protocol}: connections say no host`, 'let workloads reach it directly by an ExternalService');
    }
    const other = this.ports().find(({ listener }) => listener.number === port.number);
    if (other !== undefined && (other.listener.protocol === 'http') !== isHttp(port)) {
      throw this.invalid(`port ${port.number} is used for HTTP by one host and for TLS by another`, 'give one of them another port, with `targetPort`');
    }
  }

  private invalid(problem: string, fix: string): MeshError {
    return new MeshError({ construct: this, code: 'invalid-value', problem, fix });
  }

  /** Each port with the hosts that use it, by number. */
  private ports(): { readonly listener: GatewayPort; readonly hosts: readonly string[] }[] {
    const ports = new Map<number, { listener: GatewayPort; hosts: string[] }>();
    for (const external of this.allowed) {
      for (const { port } of external.rules[0].props.ports) {
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
    const servers = this.ports().map(({ listener: { name, number, protocol }, hosts }): GatewaySpecServers => (protocol === 'http'
      ? { hosts, port: { name, number, protocol: 'HTTP' } }
      : { hosts, port: { name, number, protocol: 'TLS' }, tls: { mode: 'PASSTHROUGH' } }));
    return { selector: GatewayWorkload.labels(this.name), servers };
  }
}
