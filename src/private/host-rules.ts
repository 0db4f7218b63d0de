import type { IConstruct } from 'constructs';
import type { DestinationRuleSpec, DestinationRuleSpecTrafficPolicy } from '../../imports/istio/destination-rule.types';
import type { VirtualServiceDestination, VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { MergedDestinationRule, MergedVirtualService } from '../merged-object';
import { MeshError } from '../mesh-error';
import type { ICallable } from '../mesh-member';
import type { Decoration, RouteRule } from '../route-rule';
import type { Scope } from './alternatives';
import { AppRegistry } from './app-registry';
import { scopeOf } from './callers';
import { renderTwoLegs, type EgressHop } from './egress-legs';
import { hostsOf, type ComposedHost, type HostProps } from './host';
import { checkKind, checkPort, checkVersion } from './host-checks';
import { renderHost } from './host-routes';
import { defined } from './merge';
import { PolicyTable, type PolicyScope } from './policy-table';
import { isHttp } from './ports';
import { asFolders } from './rewritten';
import { MIRROR, optionSlots, type Answer, type Forward, type MirrorSlot, type Slots } from './route-action';
import { actionOf } from './route-choice';
import { atGateway, RouteTable, type ComposedRoute, type Keep } from './route-table';
import { defaultShares, describeShares, sharesOf } from './shares';

/** The one owner of a host's VirtualService and DestinationRule: every construct that has something to say about the host says it here. */
export class HostRules implements ComposedHost {
  private readonly table: RouteTable;
  private readonly policies: PolicyTable;
  private mergedVirtualService?: MergedVirtualService;
  private mergedDestinationRule?: MergedDestinationRule;
  private egress?: EgressHop;
  private writer?: string;
  private readonly sharedSubsets = new Map<string, Readonly<Record<string, string>>>();
  private policyWriter?: () => void;

  constructor(readonly props: HostProps) {
    this.table = new RouteTable(props.owner);
    this.policies = new PolicyTable(props.defaults?.policy);
  }

  get virtualService(): MergedVirtualService {
    const { owner, name, namespace, suffix = '' } = this.props;
    this.mergedVirtualService ??= new MergedVirtualService(owner, `virtual-service${suffix}`, {
      metadata: { name, namespace }, render: () => this.renderVirtualService(),
    });
    return this.mergedVirtualService;
  }

  get destinationRule(): MergedDestinationRule {
    const { owner, name, namespace, suffix = '' } = this.props;
    this.mergedDestinationRule ??= new MergedDestinationRule(owner, `destination-rule${suffix}`, {
      metadata: { name, namespace }, render: () => this.renderDestinationRule(),
    });
    return this.mergedDestinationRule;
  }

  /** The subsets of these versions select all pods: somebody else tells them apart. */
  selectAllPods(versions: readonly string[], labels: Readonly<Record<string, string>>): void {
    versions.forEach((version) => this.sharedSubsets.set(version, labels));
  }

  /** Somebody else writes the VirtualService and the DestinationRule of this host. */
  yieldTo(writer: string, declarer: IConstruct): void {
    if (!this.table.isEmpty || this.policies.hasVersions || this.egress !== undefined) {
      throw this.yielded(declarer, writer);
    }
    this.writer = writer;
    const { owner, suffix = '' } = this.props;
    owner.node.tryRemoveChild(`virtual-service${suffix}`);
    owner.node.tryRemoveChild(`destination-rule${suffix}`);
  }

  /** The policy of the whole service. */
  servicePolicy(): DestinationRuleSpecTrafficPolicy | undefined {
    return this.policies.service();
  }

  private refuseYielded(declarer: IConstruct): void {
    if (this.writer !== undefined) {
      throw this.yielded(declarer, this.writer);
    }
  }

  private yielded(declarer: IConstruct, writer: string): MeshError {
    return new MeshError({
      construct: declarer, code: 'conflicting-policy', problem: `the VirtualService of ${this.props.name} is written by ${writer}, which knows of no other rules`,
      fix: 'take the other rules away, or let Argo Rollouts or this program decide the weights',
    });
  }

  addRoute(declarer: IConstruct, rule: { label: string; action: Forward | Answer; slots: Slots; scope: Scope }): void {
    const { label, action, slots, scope } = rule;
    this.refuseYielded(declarer);
    checkKind(this.props, declarer, rule);
    this.table.addRoute({ declarer, label, action, slots }, scope);
    AppRegistry.of(this.props.owner).changes += 1;
    void this.virtualService;
  }

  addDecoration(declarer: IConstruct, rule: { label: string; slots: Slots; scope: Scope }): void {
    const { label, slots, scope } = rule;
    this.refuseYielded(declarer);
    checkKind(this.props, declarer, rule);
    this.table.addDecoration({ declarer, label, slots }, scope);
    AppRegistry.of(this.props.owner).changes += 1;
    void this.virtualService;
  }

  /** Adds a rule in the words of `route`. */
  addRule(declarer: IConstruct, rule: RouteRule<string>): void {
    const shares = sharesOf(rule.to, declarer);
    shares.forEach(({ version }) => this.checkVersion(version, declarer));
    const action = actionOf(rule, shares, declarer);
    const { name, statPrefix } = rule;
    this.addRoute(declarer, {
      label: action.kind === 'forward' ? `route ${describeShares(shares)}` : action.kind,
      action,
      slots: { ...optionSlots(rule, declarer), ...defined({ name, statPrefix }) },
      scope: scopeOf({ ...rule, match: rule.match && asFolders(rule.match, rule.rewrite) }, declarer),
    });
  }

  /** Adds a rule for connections only. */
  addConnectionRule(declarer: IConstruct, rule: { to: RouteRule<string>['to']; scope: Scope }): void {
    const shares = sharesOf(rule.to, declarer);
    shares.forEach(({ version }) => this.checkVersion(version, declarer));
    this.addRoute(declarer, { label: `route ${describeShares(shares)}`, action: { kind: 'forward', shares }, slots: {}, scope: rule.scope });
  }

  /** Adds options in the words of `decorate`. */
  addOptions(declarer: IConstruct, decoration: Decoration): void {
    const slots = optionSlots(decoration, declarer);
    if (Object.keys(slots).length === 0) {
      throw new MeshError({
        construct: declarer, code: 'invalid-value', problem: 'decorates requests with nothing', fix: 'give it `timeout`, `retries`, `changeHeaders` or `cors`',
      });
    }
    this.addDecoration(declarer, { label: `decoration with ${Object.keys(slots).join(', ')}`, slots, scope: scopeOf(decoration, declarer) });
  }

  addPolicy(declarer: IConstruct, fields: DestinationRuleSpecTrafficPolicy, scope: PolicyScope = {}): void {
    const { version, port } = scope;
    this.checkVersion(version, declarer);
    checkPort(this.props, port, declarer);
    this.policies.add(declarer, fields, scope);
    this.policyWriter?.();
    this.policyWriter = undefined;
    AppRegistry.of(this.props.owner).changes += 1;
    if (this.writer === undefined) {
      void this.destinationRule;
    }
    if (version !== undefined) {
      this.refuseYielded(declarer);
      void this.virtualService; // a subset's policy holds only for routes that name the subset
    }
  }

  /** Calls back, once, as soon as there is a policy. */
  whenPolicies(write: () => void): void {
    if (this.policies.isEmpty) {
      this.policyWriter = write;
    } else {
      write();
    }
  }

  /** What holds for a version, its own fields before those of the service, as Istio reads a subset. */
  policyOf(version: string): DestinationRuleSpecTrafficPolicy | undefined {
    const policy = { ...this.policies.service(), ...this.policies.version(version) };
    return Object.keys(policy).length > 0 ? policy : undefined;
  }

  /** Refuses a version that the host does not have. */
  checkVersion(version: string | undefined, declarer: IConstruct): void {
    checkVersion(this.props, version, declarer);
  }

  /** What all policies together say about a version and port, narrower ones laid over wider ones. */
  effectivePolicy(scope: PolicyScope): DestinationRuleSpecTrafficPolicy {
    return this.policies.effective(scope);
  }

  /** The entries that a Sidecar's egress list needs for callers of this host. */
  egressHosts(): string[] {
    const { namespace, host, exportTo } = this.props;
    const gateway = this.egress === undefined ? [] : [`${this.egress.namespace}/${this.egress.host}`];
    return [`${exportTo === undefined ? namespace : '*'}/${host}`, ...gateway];
  }

  /** Sends all traffic for this host through an egress gateway. */
  routeThrough(gateway: EgressHop, declarer: IConstruct): void {
    if (this.egress !== undefined && this.egress.gateway !== gateway.gateway) {
      throw new MeshError({
        construct: declarer,
        code: 'duplicate-host',
        problem: `host ${this.props.host} already leaves through the egress gateway ${this.egress.gateway}`,
        fix: 'allow it at one egress gateway only',
      });
    }
    this.egress = gateway;
    AppRegistry.of(this.props.owner).changes += 1;
    void this.virtualService;
  }

  /** All routes of the host in order, for the requests that `keep` leaves. */
  compose(keep?: Keep): ComposedRoute[] {
    const slots = this.props.defaults?.slots ?? {};
    return this.table.compose(this.fallback(), keep).map((route) => (route.action.kind === 'forward' ? { ...route, slots: { ...slots, ...route.slots } } : route));
  }

  /** Writes what holds by default, without waiting for rules and policies. */
  writeDefaults(): void {
    const { ports, defaults } = this.props;
    if (Object.keys(defaults?.slots ?? {}).length > 0 && ports.some(({ port }) => isHttp(port))) {
      void this.virtualService;
    }
    if (Object.keys(defaults?.policy ?? {}).length > 0) {
      void this.destinationRule;
    }
  }

  /** All routes for connections. */
  composeConnections(keep?: Keep): ComposedRoute[] {
    return this.table.composeConnections(this.fallback(), keep);
  }

  /** Whether its traffic goes through an egress gateway. */
  get leavesByGateway(): boolean {
    return this.egress !== undefined;
  }

  /** Other hosts that some of its traffic, or copies of it, go to. */
  otherHosts(): string[] {
    const routes = [...this.compose(), ...this.composeConnections()];
    const shares = routes.flatMap(({ action, slots }) => [
      ...(action.kind === 'forward' ? action.shares : []),
      ...Object.entries(slots).flatMap(([slot, value]) => (slot.startsWith(MIRROR) ? [(value as MirrorSlot).share] : [])),
    ]);
    return [...new Set(shares.flatMap(({ destination }) => (destination === undefined ? [] : [destination.host])))];
  }

  /** Some rule that says more than that requests from outside, for a port, go to the service as it is. */
  ruleAt(port: number): { readonly declarer: IConstruct; readonly label: string } | undefined {
    const rule = this.table.compose(this.fallback(), atGateway(port)).find(({ action, slots, conditions, narrowedBy }) =>
      action.kind !== 'forward' || action.rewrite !== undefined || action.shares.some(({ version, destination }) => (version ?? destination) !== undefined)
      || Object.keys(slots).length > 0 || narrowedBy.length > 0 || conditions.some(({ size }) => size > 0));
    return rule && (rule.narrowedBy[0] ?? rule.rule);
  }

  /** The host, or one of its versions, as routes name it. */
  destination(version: string | undefined, port?: number): VirtualServiceDestination {
    return defined({ host: this.props.host, subset: version, port: port === undefined ? undefined : { number: port } });
  }

  private fallback(): Forward {
    return { kind: 'forward', shares: this.policies.hasVersions ? defaultShares(this.props.versions) : [{}] };
  }

  private renderVirtualService(): VirtualServiceSpec {
    return this.egress === undefined ? renderHost(this, this.table.hasRoutes || this.policies.hasVersions) : renderTwoLegs(this, this.egress);
  }

  private renderDestinationRule(): DestinationRuleSpec {
    const { host, exportTo, versions } = this.props;
    const subsets = versions.map(({ name, labels }) => defined({ name, labels: this.sharedSubsets.get(name) ?? labels, trafficPolicy: this.policies.version(name) }));
    return defined({ host, exportTo, subsets: subsets.length > 0 ? subsets : undefined, trafficPolicy: this.policies.service() });
  }
}

/** The owners of the rules of a service or external service, one for each of its hosts. */
export function rulesOf(callable: ICallable): readonly HostRules[] {
  return hostsOf(callable) as readonly HostRules[];
}
