import { Construct } from 'constructs';
import { healthAnnotations } from './health-check';
import { Mesh, namespaceOf } from './mesh';
import type { ICallable, IMeshService, IVersioned, ServiceVersion } from './mesh-member';
import type { MeshServiceProps, NamedServiceProps, SelectedServiceProps } from './mesh-service-props';
import type { MergedDestinationRule, MergedVirtualService } from './merged-object';
import type { Port } from './port';
import { Accounts } from './private/accounts';
import { listOf } from './private/alternatives';
import { AppRegistry } from './private/app-registry';
import { checkReference } from './private/callers';
import { DeclaredAccess } from './private/declared-access';
import { EgressScope } from './private/egress-scope';
import { claimService } from './private/host-claims';
import { HostRules } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { checkAccount, checkLabel, checkNamespace, checkVersion, serviceHost, unusedId } from './private/names';
import { appProtocol, isProxyPort, namedPorts, type NamedPort } from './private/ports';
import { MeshObject } from './private/plain-print';
import { createPods } from './private/service-pods';
import { accountOfWorkload } from './private/workload';
import type { Decoration, RouteRule } from './route-rule';
import type { ExistingVersion, VersionProps } from './service-version';

/** What the makers tell the constructor beyond the props that everybody sees. */
const ORIGIN = Symbol('origin');
interface Origin {
  readonly [ORIGIN]?: { readonly name: string; readonly namespace: string } | { readonly selector: Readonly<Record<string, string>> };
}

/**
 * A service of the mesh with its versions. Writes ServiceAccount, Service, a Deployment for each version with the sidecar inside, a
 * DestinationRule with a subset for each version, a Sidecar if it declares `calls`, and a VirtualService as soon as it has rules.
 *
 * @example
 * const reviews = new MeshService(mesh, 'reviews', {
 *   port: 9080,
 *   versions: { v1: { image: 'example/reviews:1' }, v2: { image: 'example/reviews:2', replicas: 3 } },
 *   calls: [ratings],
 * });
 */
export class MeshService<V extends string> extends Construct implements IMeshService, IVersioned<V> {
  /**
   * A service that another repository owns, with its versions typed. Nothing is written for it until rules or policies are added; those hold
   * for callers in the namespace of this chart only (`exportTo: ['.']`), because the rules of its owner are not ours to change.
   *
   * @example
   * const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 8080, versions: ['v1', 'v2'] });
   * @throws {@link MeshError} `invalid-name` if a name is no DNS label
   */
  public static fromName<const W extends string = never>(scope: Construct, name: string, props: NamedServiceProps<W>): MeshService<W> {
    const { versions = [], namespace = namespaceOf(scope), ...others } = props;
    const id = scope.node.tryFindChild(name) === undefined ? name : `${name}.${namespace}`;
    return new MeshService<W>(scope, id, { ...others, versions: byName(versions), [ORIGIN]: { name, namespace } } as MeshServiceProps<W>);
  }

  /**
   * A service whose pods somebody else deploys. Writes Service and DestinationRule.
   *
   * @example
   * const kept = MeshService.fromSelector(mesh, 'kept', { port: 8080, selector: { app: 'kept' }, versions: ['v1'] });
   * @throws {@link MeshError} `invalid-name` if a name is no DNS label
   */
  public static fromSelector<const W extends string = never>(scope: Construct, name: string, props: SelectedServiceProps<W>): MeshService<W> {
    const { selector, versions = [], ...others } = props;
    return new MeshService<W>(scope, name, { ...others, versions: byName(versions), [ORIGIN]: { selector } } as MeshServiceProps<W>);
  }

  /** The name of the Service and the ServiceAccount, and the `app` label of the pods. */
  public readonly name: string;
  /** The namespace of the Service. */
  public readonly namespace: string;
  /** The full host name, `reviews.bookinfo.svc.cluster.local`. */
  public readonly host: string;
  /** The names of the versions. */
  public readonly versions: readonly V[];
  /** The ports that clients use. */
  public readonly ports: readonly Port[];
  /** @internal */
  public readonly podLabels: Readonly<Record<string, string>>;
  /** @internal */
  public readonly accounts: Accounts;
  /** @internal */
  public readonly hasProxy: boolean;
  /** @internal */
  public readonly versionLabels?: readonly Readonly<Record<string, string>>[];
  /** @internal */
  public readonly rules: readonly HostRules[];
  /** Whether another repository writes it. @internal */
  public readonly isForeign: boolean;

  private readonly mesh: Mesh;
  private readonly capture: Readonly<Record<string, string>>;
  private egress?: EgressScope;

  /**
   * @throws {@link MeshError} `invalid-name` if the name or a version is no DNS label, `duplicate-name` if the namespace has such a service
   * already, `missing-mesh` outside a mesh, `invalid-value` for impossible ports, `unknown-host` for `calls` that do not exist
   */
  public constructor(scope: Construct, id: string, props: MeshServiceProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    this.mesh = props.mesh ?? Mesh.of(this);
    const origin = (props as Origin)[ORIGIN];
    const foreign = origin !== undefined && 'namespace' in origin;
    this.isForeign = foreign;
    this.name = checkLabel(foreign ? origin.name : id, 'service name', this);
    this.namespace = checkNamespace(foreign ? origin.namespace : namespaceOf(this), this);
    this.host = serviceHost(this.name, this.namespace);
    this.podLabels = origin !== undefined && 'selector' in origin ? origin.selector : { app: this.name };
    this.checkProps(props, origin);
    this.versions = Object.keys(props.versions).map((version) => checkVersion(version, this.name, this)) as V[];
    this.accounts = this.createAccounts(props, origin);
    this.hasProxy = props.proxy ?? true;
    this.versionLabels = origin === undefined ? versionLabels(props.versions) : undefined;
    const ports = namedPorts(props.port, this);
    this.ports = ports.map(({ port }) => port);
    claimService(this.name, this.namespace, this);
    AppRegistry.of(this).services.add(this);
    this.rules = [this.createRules(props, ports, foreign)];
    this.capture = this.mesh.captureOf(this, props.capture);
    if (!foreign) {
      this.mesh.joinNamespace(this.namespace, this);
      this.createObjects(props, ports, origin === undefined);
    }
  }

  /** The one VirtualService of this service. Asking for it writes it, even without rules. */
  public get virtualService(): MergedVirtualService {
    return this.rules[0].virtualService;
  }

  /** The one DestinationRule of this service. */
  public get destinationRule(): MergedDestinationRule {
    return this.rules[0].destinationRule;
  }

  /** The full host names that clients use. */
  public get hosts(): readonly string[] {
    return [this.host];
  }

  /** One version as a caller, for `from`: `ratings.route({ from: [reviews.version('v2')], to: 'v1' })`. */
  public version(version: V): ServiceVersion {
    this.rules[0].checkVersion(version, this);
    return { service: this, version };
  }

  /**
   * Declares that this service calls others; the same as `calls`, for cycles.
   * @throws {@link MeshError} `unknown-host` if a service does not exist, `invalid-value` for a service of `fromName`
   */
  public call(...callees: readonly ICallable[]): this {
    if (this.rules[0].props.exportTo !== undefined) {
      throw invalid(this, 'belongs to another repository, and so do its calls', 'declare them where the service is declared');
    }
    this.addCalls(callees);
    return this;
  }

  /**
   * Adds a rule that says where requests go. Rules with conditions come first, the most specific one first; at most one has no condition.
   * They hold for callers in the mesh and for gateways that route to this service, unless they say `from`.
   *
   * @example
   * reviews.route({ match: { headers: [Header.exact('end-user', 'jason')] }, to: 'v2' });
   * @throws {@link MeshError} `invalid-weights`, `unreachable-rule` if it or another rule can never match, `inexpressible-match`, `invalid-value`
   */
  public route(rule: RouteRule<V>): this {
    this.rules[0].addRule(this, rule);
    return this;
  }

  /**
   * Adds options for the requests of this service that do not depend on where they go. Without `match` they hold for every rule; with it, for
   * the part of each rule that matches. A narrower decoration wins over a wider one, and a rule's own options win over both.
   *
   * @example
   * ratings.decorate({ timeout: Duration.seconds(2) });
   * @throws {@link MeshError} `unreachable-rule` if another decoration says the same, `inexpressible-match`, `invalid-value`
   */
  public decorate(decoration: Decoration): this {
    this.rules[0].addOptions(this, decoration);
    return this;
  }

  private checkProps(props: MeshServiceProps<V>, origin: Origin[typeof ORIGIN]): void {
    if (origin === undefined && Object.keys(props.versions).length === 0) {
      throw invalid(this, 'has no version', 'give it one: `versions: { v1: { image: … } }`, or use MeshService.fromSelector for pods that somebody else deploys');
    }
    const empty = origin === undefined
      ? Object.entries<VersionProps>(props.versions).find(([, version]) => !version.workload && !version.image && !version.machines) : undefined;
    if (empty !== undefined) {
      throw invalid(this, `version ${empty[0]} has no image`, 'give it `image`, a `workload` that exists, or `machines`');
    }
    const alone = props.proxy === false ? Object.entries<VersionProps>(props.versions).find(([, version]) => version.machines) : undefined;
    if (alone !== undefined) {
      throw invalid(this, `version ${alone[0]} is on machines, which join the mesh by their proxy, but \`proxy\` is false`, 'leave `proxy` out, or use an ExternalService for machines without one');
    }
    if (origin !== undefined && 'selector' in origin && Object.keys(origin.selector).length === 0) {
      throw invalid(this, 'has an empty `selector`, which selects no pods', 'give it labels that all its pods have');
    }
    const taken = listOf(props.port).find((port) => isProxyPort(typeof port === 'number' ? port : port.targetPort));
    if (taken !== undefined && origin === undefined) {
      const number = typeof taken === 'number' ? taken : taken.targetPort;
      throw invalid(this, `its application cannot listen on ${number}, a port of the proxy in its pods`, 'choose another `targetPort`, outside 15000 to 15090');
    }
  }

  /** The pods of `fromSelector` are somebody else's, and so is their account. */
  private createAccounts({ versions, serviceAccount, accountPerVersion }: MeshServiceProps<V>, origin: Origin[typeof ORIGIN]): Accounts {
    const unknown = origin !== undefined && 'selector' in origin;
    return new Accounts({
      construct: this,
      namespace: this.namespace,
      name: serviceAccount === undefined ? unknown ? undefined : this.name : checkAccount(serviceAccount, this),
      perVersion: accountPerVersion ?? false,
      versions: this.versions,
      ofWorkload: (version) => {
        const { workload } = (versions as Readonly<Record<string, Partial<ExistingVersion>>>)[version] ?? {};
        return workload && accountOfWorkload(this, workload);
      },
    });
  }

  private addCalls(callees: readonly ICallable[]): void {
    const { mesh, name, namespace, podLabels } = this;
    this.egress ??= new EgressScope(this, { ...mesh.scopeSettings, name, namespace, podLabels });
    this.egress.add(callees);
  }

  private createRules(props: MeshServiceProps<V>, ports: readonly NamedPort[], foreign: boolean): HostRules {
    const versions = Object.entries<VersionProps>(props.versions)
      .map(([name, version]) => ({ name, labels: { version: name }, replicas: ('replicas' in version ? version.replicas : undefined) ?? 1 }));
    const namespace = foreign ? namespaceOf(this) : this.namespace;
    return new HostRules({
      owner: this, name: this.name, namespace, host: this.host, ports, versions, exportTo: foreign ? ['.'] : undefined, defaults: this.mesh.hostDefaults,
    });
  }

  private createObjects(props: MeshServiceProps<V>, ports: readonly NamedPort[], deploys: boolean): void {
    const metadata = { name: this.name, namespace: this.namespace, labels: { app: this.name } };
    for (const { suffix, name } of deploys ? this.accounts.written() : []) {
      if (AppRegistry.of(this).first(`account ${this.namespace}/${name}`, this)) {
        new MeshObject(this, `service-account${suffix}`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, name } });
      }
    }
    new MeshObject(this, 'service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: props.healthCheck ? { ...metadata, annotations: healthAnnotations(props.healthCheck, this) } : metadata,
      spec: {
        selector: this.podLabels,
        ports: ports.map(({ name, port }) => ({ name, port: port.number, targetPort: port.targetPort, appProtocol: appProtocol(port) })),
      },
    });
    if (deploys) {
      const { capture, mesh: { inject } } = this;
      Object.entries<VersionProps>(props.versions).forEach(([version, given]) => createPods(this, { version, props: given, ports, capture, inject }));
    }
    if (this.versions.length > 0) {
      void this.destinationRule;
    }
    this.rules[0].writeDefaults();
    if (props.calls !== undefined) {
      this.addCalls(props.calls);
    }
    this.letCallersIn(props.callers ?? []);
  }

  private letCallersIn(callers: readonly (IMeshService | ServiceVersion)[]): void {
    callers.forEach((caller, index) => checkReference(caller, `callers[${index}]`, this));
    AppRegistry.of(this).calls.push(...callers.map((caller) => ({ caller, callee: this })));
    if (this.mesh.declaresAccess) {
      new DeclaredAccess(this, 'access').ofService(this);
    }
  }
}

/** Workloads that exist already print their own labels. */
function versionLabels(versions: Readonly<Record<string, VersionProps>>): readonly Readonly<Record<string, string>>[] {
  return Object.entries(versions).map(([version, props]) => ({ ...('labels' in props ? props.labels : undefined), version }));
}

function byName<W extends string>(versions: readonly W[]): Readonly<Record<string, object>> {
  return Object.fromEntries(versions.map((version) => [version, {}]));
}
