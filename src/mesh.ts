import { Chart } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { Access } from './access';
import type { Capture } from './capture';
import { ControlPlane } from './control-plane';
import type { MeshDefaults } from './mesh-defaults';
import { MeshError } from './mesh-error';
import { MeshRuntime, type ProxyHome } from './mesh-runtime';
import { Mtls } from './mtls';
import type { Outbound } from './outbound';
import { AppRegistry } from './private/app-registry';
import { captureAnnotations, checkCapture } from './private/capture-annotations';
import type { HostDefaults } from './private/host';
import { HostOwnershipPolicy } from './private/host-ownership';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { MeshNamespace } from './private/mesh-namespace';
import { MeshSettings } from './private/mesh-settings';
import { checkNamespace, checkTrustDomain, unusedId } from './private/names';
import { optionSlots } from './private/route-action';
import { addSynthChecks } from './private/synth-checks';
import type { SidecarPodTemplate, SidecarWorkload } from './sidecar';

/** What holds for the whole mesh. */
export interface MeshProps {
  /**
   * Mutual TLS between the mesh's workloads. Writes one PeerAuthentication `default` in each namespace of the mesh, not in Istio's root
   * namespace: a mesh is not always the whole cluster.
   * @default Istio's, PERMISSIVE; nothing is written
   */
  readonly mtls?: Mtls;
  /**
   * Who may call the services of the mesh. With `Access.DECLARED` that is what `calls`, `callers` and the routes of gateways say, and nobody else;
   * see {@link Access}. An {@link AccessPolicy} with `allow` for a service or a gateway then says it instead, for that one.
   * @default Access.OPEN; nothing is written
   */
  readonly access?: Access;
  /**
   * The name under which identities are issued, the first part of every principal. Written into the MeshConfig of the bundled control plane;
   * give the same as Istio's own with `MeshRuntime.istio`.
   * @default 'cluster.local'
   */
  readonly trustDomain?: string;
  /**
   * Names that it had before, whose identities policies still know. Written into the MeshConfig of the bundled control plane.
   * @default none
   */
  readonly trustDomainAliases?: readonly string[];
  /**
   * What happens to traffic for hosts that the mesh does not know. Writes `outboundTrafficPolicy` of one Sidecar `default` in each namespace
   * of the mesh, and of the Sidecars of services that declare `calls`.
   * @default Istio's, ALLOW_ANY; nothing is written
   */
  readonly outbound?: Outbound;
  /**
   * Which connections of the mesh's pods go through their proxies; services may say otherwise, field by field.
   * @default all
   */
  readonly capture?: Capture;
  /**
   * What holds for all services unless something narrower says otherwise.
   * @default Istio's defaults; nothing is written
   */
  readonly defaults?: MeshDefaults;
  /**
   * Whether namespaces may route their own hosts only: a VirtualService for sidecars of other namespaces must then name services of its own
   * namespace, and rules for the hosts of others hold for its own callers only (`exportTo: ['.']`, which rules of `MeshService.fromName` have).
   * Writes one ValidatingAdmissionPolicy `mesh-host-ownership` with its binding, which holds for the whole cluster and which the bundled
   * control plane enforces for what is there already.
   * @default Istio's: whoever is older wins, whosever the host is
   */
  readonly hostOwnership?: 'strict';
  /**
   * What runs the mesh: the bundled runtime, or an Istio in the cluster.
   * @default MeshRuntime.bundled()
   */
  readonly runtime?: MeshRuntime;
  /**
   * The namespace of the control plane, which is also Istio's root namespace. The bundled runtime reads MeshConfig in `istio-system` only, so
   * `trustDomain`, `trustDomainAliases` and ExternalAuthorizers are an error at synth with another one.
   * @default 'istio-system'
   */
  readonly controlPlaneNamespace?: string;
  /**
   * Whether the mesh writes the Namespace objects of its services. Say false where another repository owns them; label them for injection there.
   * @default true
   */
  readonly createNamespaces?: boolean;
}

/**
 * A service mesh: what its services share. Services inside it (or with `mesh` in their props) belong to it.
 *
 * @example
 * const app = new App();
 * const chart = new Chart(app, 'bookinfo', { namespace: 'bookinfo' });
 * const mesh = new Mesh(chart, 'mesh', { mtls: Mtls.STRICT });
 */
export class Mesh extends Construct {
  /**
   * The mesh that a construct is in.
   * @throws {@link MeshError} `missing-mesh` if it is in none
   */
  public static of(construct: IConstruct): Mesh {
    const mesh = construct.node.scopes.find((scope): scope is Mesh => scope instanceof Mesh);
    if (mesh === undefined) {
      throw new MeshError({
        construct, code: 'missing-mesh', problem: 'is in no mesh', fix: 'create it inside a Mesh, or give it the mesh: { mesh, … }',
      });
    }
    return mesh;
  }

  /** What runs the mesh. */
  public readonly runtime: MeshRuntime;
  /** The namespace of the control plane. */
  public readonly controlPlaneNamespace: string;
  /** Makes pods of its services pods of the mesh. @internal */
  public readonly inject = (template: SidecarPodTemplate, workload: SidecarWorkload): SidecarPodTemplate =>
    this.runtime.sidecar(template, workload, this.proxyHome);
  /** @internal */
  public readonly hostDefaults: HostDefaults;
  private readonly namespaces = new Set<string>();
  private readonly namespaceListeners: ((namespace: string) => void)[] = [];

  /**
   * @throws {@link MeshError} `conflicting-policy` if another Mesh of the App or the namespace has other settings, `invalid-name` for a namespace
   * that is no DNS label, `invalid-value` for impossible defaults and ranges of addresses
   */
  public constructor(scope: Construct, id: string, private readonly props: MeshProps = {}) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    this.runtime = props.runtime ?? MeshRuntime.bundled();
    this.controlPlaneNamespace = props.controlPlaneNamespace ?? 'istio-system';
    const { timeout, retries, loadBalancer } = props.defaults ?? {};
    this.hostDefaults = { slots: optionSlots({ timeout, retries }, this), policy: defined({ loadBalancer: loadBalancer && { simple: loadBalancer } }) };
    checkCapture(props.capture ?? {}, this);
    const registry = AppRegistry.of(this);
    if (this.runtime.controlPlane !== undefined && registry.first('control-plane', this)) {
      new ControlPlane(this, 'control-plane', { ...this.runtime.controlPlane, namespace: this.controlPlaneNamespace });
    }
    if (props.hostOwnership === 'strict' && registry.first('host-ownership', this)) {
      new HostOwnershipPolicy(this, 'host-ownership');
    }
    registry.rootNamespaces.push(checkNamespace(this.controlPlaneNamespace, this));
    this.checkOtherMesh(registry);
    this.settleTrust(props);
    this.joinNamespace(namespaceOf(this), this);
    if (registry.first('synth-checks', this)) {
      addSynthChecks(this.node.root);
    }
  }

  /** @internal */
  public get proxyHome(): ProxyHome {
    return { controlPlaneNamespace: this.controlPlaneNamespace, trustDomain: MeshSettings.of(this).trustDomain };
  }

  /** Whether only declared calls are let in. @internal */
  public get declaresAccess(): boolean {
    return this.props.access === Access.DECLARED;
  }

  /** What the Sidecars of services need to know. @internal */
  public get scopeSettings(): { readonly controlPlaneNamespace: string; readonly outbound?: Outbound } {
    return { controlPlaneNamespace: this.controlPlaneNamespace, outbound: this.props.outbound };
  }

  /** Annotations of pods about what goes through their proxy. @internal */
  public captureOf(service: Construct, capture: Capture = {}): Readonly<Record<string, string>> {
    return captureAnnotations({ ...this.props.capture, ...defined(checkCapture(capture, service)) });
  }

  /** The namespaces that are part of the mesh so far. @internal */
  public get namespaceNames(): readonly string[] {
    return [...this.namespaces];
  }

  /** Calls back for each namespace that is part of the mesh, now or later. @internal */
  public eachNamespace(act: (namespace: string) => void): void {
    this.namespaces.forEach(act);
    this.namespaceListeners.push(act);
  }

  /** Makes a namespace part of the mesh, once per App. @internal */
  public joinNamespace(namespace: string, member: Construct): void {
    if (this.namespaces.has(namespace)) {
      return;
    }
    this.checkNamespaceOwner(checkNamespace(namespace, member), member);
    this.namespaces.add(namespace);
    AppRegistry.of(this).changes += 1;
    this.namespaceListeners.forEach((act) => act(namespace));
    if (!AppRegistry.of(this).first(`namespace ${namespace}`, member)) {
      return;
    }
    const { mtls, outbound, createNamespaces } = this.props;
    // A policy without a selector in Istio's root namespace would be for the whole cluster.
    const closed = this.declaresAccess && namespace !== this.controlPlaneNamespace;
    const created = (createNamespaces ?? true) && namespace !== 'default';
    const labels = created ? this.runtime.namespaceLabels() : undefined;
    const own = AppRegistry.of(this).holder(`mutual TLS of namespace ${namespace}`) === undefined ? mtls : undefined;
    if (labels !== undefined || own !== undefined || outbound !== undefined || closed) {
      new MeshNamespace(member, { namespace, labels, mtls: own, outbound, closed });
    }
  }

  /** Identities mean the same everywhere in an App, so its meshes must agree on their names; and without identities nobody could be let in. */
  private settleTrust({ trustDomain, trustDomainAliases, mtls }: MeshProps): void {
    const settings = MeshSettings.of(this);
    const registry = AppRegistry.of(this);
    if (trustDomain !== undefined && !registry.first('trust domain', this) && settings.trustDomain !== trustDomain) {
      throw new MeshError({
        construct: this, code: 'conflicting-policy', problem: `has the trust domain ${trustDomain}, but another Mesh of the App has ${settings.trustDomain}`, fix: 'give both the same',
      });
    }
    settings.trustDomain = trustDomain === undefined ? settings.trustDomain : checkTrustDomain(trustDomain, this);
    settings.trustDomainAliases = [...new Set([...settings.trustDomainAliases, ...(trustDomainAliases ?? []).map((alias) => checkTrustDomain(alias, this))])];
    if (this.declaresAccess && mtls === Mtls.DISABLE) {
      throw new MeshError({
        construct: this, code: 'conflicting-policy', problem: 'Access.DECLARED lets callers in by their certificates, and Mtls.DISABLE leaves them without',
        fix: 'use Mtls.STRICT or Mtls.PERMISSIVE, and MutualTls for the services that must stay without',
      });
    }
  }

  /** One App writes one control plane, so all its meshes must mean the same. */
  private checkOtherMesh(registry: AppRegistry): void {
    registry.first('mesh', this);
    const other = registry.holder('mesh');
    if (other instanceof Mesh && (other.runtime.kind !== this.runtime.kind || other.controlPlaneNamespace !== this.controlPlaneNamespace)) {
      throw new MeshError({
        construct: this,
        code: 'conflicting-policy',
        problem: `is run by ${this.runtime.kind} in ${this.controlPlaneNamespace}, but ${other.node.path} by ${other.runtime.kind} in ${other.controlPlaneNamespace}`,
        fix: 'use one Mesh for the whole App, with `mesh` in the props of services elsewhere, or give both the same `runtime` and `controlPlaneNamespace`',
      });
    }
  }

  /** What holds for a namespace is written once, so two meshes in it must agree. */
  private checkNamespaceOwner(namespace: string, member: Construct): void {
    const registry = AppRegistry.of(this);
    registry.first(`mesh of ${namespace}`, this);
    const other = registry.holder(`mesh of ${namespace}`);
    if (other instanceof Mesh && (other.props.mtls !== this.props.mtls || other.props.outbound !== this.props.outbound || other.declaresAccess !== this.declaresAccess)) {
      throw new MeshError({
        construct: member,
        code: 'conflicting-policy',
        problem: `namespace ${namespace} belongs to ${other.node.path} already, which has another \`mtls\`, \`outbound\` or \`access\` than ${this.node.path}`,
        fix: 'use one Mesh for the namespace, or give both the same settings',
      });
    }
  }
}

/** The namespace of a construct's chart, as `kubectl apply` would choose it. */
export function namespaceOf(construct: IConstruct): string {
  return Chart.of(construct).namespace ?? 'default';
}
