import { Construct } from 'constructs';
import { ServiceEntry } from '../imports/istio/service-entry';
import type { ServiceEntrySpec } from '../imports/istio/service-entry.types';
import { Mesh, namespaceOf } from './mesh';
import { MeshError } from './mesh-error';
import type { DestinationVersion, IVersioned } from './mesh-member';
import type { MergedDestinationRule, MergedVirtualService } from './merged-object';
import type { Ports } from './mesh-service-props';
import type { Port } from './port';
import { endpointVersions, entryEndpoints } from './private/entry-endpoints';
import { claimExternalHost } from './private/host-claims';
import type { HostProps } from './private/host';
import { HostRules } from './private/host-rules';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { checkHost, checkObjectName, checkVersion, hostAsName, isWildcard, unusedId } from './private/names';
import { checkOrigination, originationPolicy } from './private/origination-policy';
import { isHttp, namedPorts, type NamedPort } from './private/ports';
import type { Decoration, RouteRule } from './route-rule';
import type { ServiceEndpoint } from './service-endpoint';
import type { TlsOrigination } from './tls-origination';

/** A service outside the mesh, or one whose pods the mesh does not know. */
export interface ExternalServiceProps<V extends string = never> {
  /**
   * Its host; short for `hosts` with one.
   * @default none: then `hosts` must be given
   */
  readonly host?: string;
  /**
   * Its hosts: DNS names, or `*.example.com`.
   * @default none: then `host` must be given
   */
  readonly hosts?: readonly string[];
  /** Its port, or several: `Port.http(80)`, `Port.tls(443)`, `Port.tcp(27017)`. */
  readonly port: Ports;
  /**
   * Whether it stands outside the mesh, or inside without the mesh's proxies knowing of its pods. Writes `location`.
   * @default 'MESH_EXTERNAL'
   */
  readonly location?: 'MESH_EXTERNAL' | 'MESH_INTERNAL';
  /**
   * How proxies find its addresses. Writes `resolution`.
   * @default 'STATIC' where endpoints are addresses or selected, 'NONE' (the address that the client chose) for wildcards, else 'DNS'
   */
  readonly resolution?: NonNullable<ServiceEntrySpec['resolution']>;
  /**
   * Virtual addresses that clients use for it.
   * @default none
   */
  readonly addresses?: readonly string[];
  /**
   * Its addresses or names behind the host, with what is known of them. Writes `endpoints`.
   * @default the host itself
   */
  readonly endpoints?: readonly (string | ServiceEndpoint)[];
  /**
   * Its endpoints by versions, which rules, mirrors and policies may then name. Cannot stand with `endpoints`. Writes `endpoints` with the
   * label `version`, and a subset for each version.
   * @default none: only the whole service can be called
   */
  readonly versions?: Readonly<Record<V, readonly (string | ServiceEndpoint)[]>>;
  /**
   * Labels of pods and WorkloadEntries of its namespace that are its endpoints, for a service inside the mesh. Cannot stand with `endpoints`
   * and `versions`. Writes `workloadSelector`.
   * @default none
   */
  readonly selector?: Readonly<Record<string, string>>;
  /**
   * Names that its certificates have, instead of the host. Writes `subjectAltNames`.
   * @default the host
   */
  readonly subjectAltNames?: readonly string[];
  /**
   * The namespaces that may call it: `.` is its own, `*` are all. Writes `exportTo`.
   * @default Istio's, all
   */
  readonly exportTo?: readonly string[];
  /**
   * Whether the proxy speaks TLS to it, while workloads speak plain HTTP: port 80 is then sent to 443. Writes `targetPort`, and `tls` of the
   * DestinationRule.
   * @default false
   */
  readonly originateTls?: boolean | TlsOrigination;
  /**
   * The mesh, where it is not created inside it.
   * @default the mesh around it
   */
  readonly mesh?: Mesh;
}

/**
 * A service that the mesh does not run. Writes a ServiceEntry, a DestinationRule if the proxy speaks TLS to it or a policy is added, and a
 * VirtualService for each host as soon as it has rules.
 *
 * @example
 * const partner = new ExternalService(mesh, 'partner', { host: 'api.partner.example', port: Port.http(80), originateTls: true });
 * partner.decorate({ timeout: Duration.seconds(3) });
 *
 * const legacy = new ExternalService(mesh, 'legacy', {
 *   host: 'legacy.example.com', port: 80, versions: { old: ['10.0.0.7'], new: [{ address: '10.0.0.8', locality: 'us-east/a' }] },
 * });
 * legacy.route({ to: { old: 90, new: 10 } });
 */
export class ExternalService<V extends string = never> extends Construct implements IVersioned<V> {
  /** The name of the ServiceEntry. */
  public readonly name: string;
  /** The namespace of the ServiceEntry. */
  public readonly namespace: string;
  /** The hosts. */
  public readonly hosts: readonly string[];
  /** The ports that clients use. */
  public readonly ports: readonly Port[];
  /** The ServiceEntry, an ordinary ApiObject. */
  public readonly serviceEntry: ServiceEntry;
  /** @internal */
  public readonly rules: readonly HostRules[];

  /**
   * @throws {@link MeshError} `duplicate-host` if a host is declared twice or is one of the mesh, `invalid-name`, `invalid-value`
   */
  public constructor(scope: Construct, id: string, props: ExternalServiceProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const mesh = props.mesh ?? Mesh.of(this);
    this.name = checkObjectName(id, this);
    this.namespace = namespaceOf(this);
    this.hosts = [...(props.host === undefined ? [] : [props.host]), ...(props.hosts ?? [])].map((host) => checkHost(host, this));
    if (this.hosts.length === 0) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'has no host', fix: 'give it `host` or `hosts`' });
    }
    this.hosts.forEach((host) => claimExternalHost(host, this));
    const ports = namedPorts(props.port, this);
    const endpoints = entryEndpoints(props, ports, this);
    this.checkAddresses(props, endpoints);
    this.ports = ports.map(({ port }) => port);
    mesh.joinNamespace(this.namespace, this);
    this.serviceEntry = new ServiceEntry(this, 'service-entry', {
      metadata: { name: this.name, namespace: this.namespace }, spec: this.entrySpec(props, ports, endpoints),
    });
    const versions = endpointVersions(props).map(({ name, ...version }) => ({ ...version, name: checkVersion(name, this.name, this) }));
    this.rules = this.hosts.map((host) => this.createRules(host, mesh, { ports, versions }));
    this.rules.forEach((rules) => rules.writeDefaults());
    if (versions.length > 0) {
      this.rules.forEach((rules) => void rules.destinationRule);
    }
    if (props.originateTls) {
      this.originateTls(props.originateTls === true ? {} : props.originateTls, ports);
    }
  }

  /** The VirtualService of its first host. Asking for it writes it, even without rules. */
  public get virtualService(): MergedVirtualService {
    return this.rules[0].virtualService;
  }

  /** The DestinationRule of its first host. Asking for it writes it, even without policies. */
  public get destinationRule(): MergedDestinationRule {
    return this.rules[0].destinationRule;
  }

  /** One version as a destination, for `to` and `Mirror`. */
  public version(version: V): DestinationVersion {
    this.rules[0].checkVersion(version, this);
    return { service: this, version };
  }

  /**
   * Adds a rule that says where requests to it go, as {@link MeshService.route}.
   * @throws {@link MeshError} `invalid-weights`, `unreachable-rule`, `inexpressible-match`, `invalid-value`
   */
  public route(rule: RouteRule<V>): this {
    this.rules.forEach((rules) => rules.addRule(this, rule));
    return this;
  }

  /**
   * Adds options for requests to it: timeouts, retries, headers. As {@link MeshService.decorate}.
   * @throws {@link MeshError} `unreachable-rule`, `inexpressible-match`, `invalid-value`
   */
  public decorate(decoration: Decoration): this {
    this.rules.forEach((rules) => rules.addOptions(this, decoration));
    return this;
  }

  private createRules(host: string, mesh: Mesh, known: Pick<HostProps, 'ports' | 'versions'>): HostRules {
    const several = this.hosts.length > 1;
    const name = several ? `${this.name}-${hostAsName(host)}` : this.name;
    const suffix = several ? `-${hostAsName(host)}` : '';
    return new HostRules({ owner: this, name, namespace: this.namespace, host, ...known, suffix, defaults: mesh.hostDefaults });
  }

  private entrySpec(props: ExternalServiceProps<V>, ports: readonly NamedPort[], endpoints: ServiceEntrySpec['endpoints']): ServiceEntrySpec {
    const target = (port: NamedPort): number | undefined => {
      const { targetPort, number } = port.port;
      const toTls = props.originateTls && isHttp(port.port) && targetPort === number && number === 80;
      return toTls ? 443 : targetPort === number ? undefined : targetPort;
    };
    return defined({
      hosts: this.hosts,
      addresses: props.addresses,
      ports: ports.map((port) => defined({
        name: port.name, number: port.port.number, protocol: port.port.protocol.toUpperCase(), targetPort: target(port),
      })),
      location: props.location ?? 'MESH_EXTERNAL',
      resolution: props.resolution ?? this.defaultResolution(props, endpoints),
      endpoints,
      workloadSelector: props.selector && { labels: props.selector },
      subjectAltNames: props.subjectAltNames,
      exportTo: props.exportTo,
    });
  }

  /** What Istio refuses, or takes and then finds nobody. */
  private checkAddresses({ resolution, selector }: ExternalServiceProps<V>, endpoints: ServiceEntrySpec['endpoints']): void {
    const invalid = (problem: string, fix: string) => new MeshError({ construct: this, code: 'invalid-value', problem, fix });
    if (selector !== undefined && (endpoints !== undefined || Object.keys(selector).length === 0)) {
      throw invalid(endpoints === undefined ? 'has an empty `selector`' : 'has both `selector` and endpoints of its own', 'select by labels, or list the endpoints');
    }
    if (endpoints?.length === 0 || (resolution === 'STATIC' && (endpoints ?? selector) === undefined)) {
      throw invalid('has no endpoint', 'give `endpoints` addresses, or leave `endpoints` and `resolution` out to ask DNS for the host');
    }
    const wildcard = this.hosts.find(isWildcard);
    if (wildcard !== undefined && endpoints === undefined && (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN')) {
      throw invalid(`resolution ${resolution} cannot look up ${wildcard}`, 'use \'DYNAMIC_DNS\' or \'NONE\', give `endpoints`, or name the hosts');
    }
  }

  private defaultResolution({ selector }: ExternalServiceProps<V>, endpoints: ServiceEntrySpec['endpoints']): NonNullable<ServiceEntrySpec['resolution']> {
    if (selector !== undefined || endpoints?.every(({ address = '' }) => /^[\d.]+$|:/.test(address))) {
      return 'STATIC';
    }
    return this.hosts.some(isWildcard) ? 'NONE' : 'DNS';
  }

  /** Istio lets the settings of a port replace those of the service, so they are used only where some ports stay as they are. */
  private originateTls(options: TlsOrigination, ports: readonly NamedPort[]): void {
    const plain = ports.filter(({ port }) => isHttp(port));
    if (plain.length === 0) {
      throw new MeshError({
        construct: this, code: 'invalid-value', problem: '`originateTls` needs a port on which workloads speak plain HTTP', fix: 'give it Port.http(80)',
      });
    }
    checkOrigination(options, this);
    if ((options.clientSecret ?? options.caSecret) !== undefined) {
      // Istio reads Secrets for sidecars only where a DestinationRule selects workloads, which then have no other rule for the host.
      this.node.addValidation({
        validate: () => (this.rules.every(({ leavesByGateway }) => leavesByGateway) ? [] : [
          `${this.name}: \`originateTls\` names the Secret ${options.clientSecret ?? options.caSecret}, which gateways read and sidecars do not: let it leave through an EgressGateway, or give files`,
        ]),
      });
    }
    for (const rules of this.rules) {
      const tls = originationPolicy(options, rules.props.host);
      const policy = plain.length === ports.length ? { tls } : { portLevelSettings: plain.map(({ port }) => ({ port: { number: port.number }, tls })) };
      rules.addPolicy(this, policy);
    }
  }
}
