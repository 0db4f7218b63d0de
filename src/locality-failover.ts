import { Construct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicyLoadBalancerLocalityLbSetting } from '../imports/istio/destination-rule.types';
import { MeshError } from './mesh-error';
import type { PolicyScope } from './policy-scope';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { unusedId } from './private/names';

type LocalitySetting = DestinationRuleSpecTrafficPolicyLoadBalancerLocalityLbSetting;

/** Where requests go by where their callers are. Localities are `region`, `region/zone` or `region/zone/sub-zone`. */
export interface LocalityFailoverProps<V extends string> extends PolicyScope<V> {
  /**
   * The region that steps in for another: `{ 'us-west': 'us-east' }`. Writes `failover`.
   * @default any other region
   */
  readonly failover?: Readonly<Record<string, string>>;
  /**
   * Labels that an instance should share with the caller, the most important first: `['topology.kubernetes.io/region', 'version']`; with
   * `=value`, that it should have. Writes `failoverPriority`.
   * @default region, zone, sub-zone
   */
  readonly priority?: readonly string[];
  /**
   * Shares in percent by the caller's locality, instead of failing over: `{ 'us-west/*': { 'us-west/*': 80, 'us-east/*': 20 } }`.
   * Cannot stand with `failover` and `priority`. Writes `distribute`.
   * @default the nearest instances only, while they are healthy
   */
  readonly distribute?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /**
   * Say false for a service whose instances are all alike, wherever they are. Writes `enabled`.
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Requests stay with near instances, and go to others in a given order when those fail. Writes `loadBalancer.localityLbSetting` into the
 * service's DestinationRule. Failing over needs an {@link OutlierDetection} or {@link CircuitBreaker} that notices failures.
 *
 * @example
 * new LocalityFailover(mesh, 'near', { service: reviews, failover: { 'us-west': 'us-east' } });
 * new OutlierDetection(mesh, 'outliers', { service: reviews, consecutiveErrors: 3 });
 */
export class LocalityFailover<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for impossible localities or shares; `conflicting-policy` if another construct sets the same
   * field of the same scope. At synth, an error if failing over has no outlier detection.
   */
  public constructor(scope: Construct, id: string, private readonly props: LocalityFailoverProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, version, port } = props;
    checkReference(service, 'service', this);
    this.checkRegions();
    this.checkShares();
    rulesOf(service).forEach((rules) => rules.addPolicy(this, { loadBalancer: { localityLbSetting: this.setting() } }, { version, port }));
    this.node.addValidation({ validate: () => (this.isBlind() ? [this.blindness()] : []) });
  }

  private setting(): LocalitySetting {
    const { failover, priority, distribute, enabled } = this.props;
    return defined({
      enabled: enabled ?? (failover === undefined && priority === undefined && distribute === undefined ? true : undefined),
      failover: failover && Object.entries(failover).map(([from, to]) => ({ from, to })),
      failoverPriority: priority,
      distribute: distribute && Object.entries(distribute).map(([from, to]) => ({ from, to })),
    });
  }

  /** Without outlier detection Istio gives all instances the same priority: nothing ever fails over. */
  private isBlind(): boolean {
    const { service, version, port, distribute, enabled } = this.props;
    return distribute === undefined && enabled !== false && rulesOf(service).some((rules) => rules.effectivePolicy({ version, port }).outlierDetection === undefined);
  }

  private blindness(): string {
    return `${this.node.path}: nothing notices that near instances of ${this.props.service.node.id} fail, so nothing fails over; `
      + 'add an OutlierDetection or a CircuitBreaker with `consecutiveErrors` for the same service';
  }

  private checkRegions(): void {
    const { failover, priority, distribute } = this.props;
    if (distribute !== undefined && (failover ?? priority) !== undefined) {
      throw invalid(this, 'has both `distribute` and `failover` or `priority`, which exclude each other in Istio', 'share requests out, or let them fail over');
    }
    const same = Object.entries(failover ?? {}).find(([from, to]) => from === to);
    if (same !== undefined) {
      throw invalid(this, `region ${same[0]} fails over to itself`, 'name another region');
    }
    const longer = Object.entries(failover ?? {}).flat().find((region) => region === '' || /[/*]/.test(region));
    if (longer !== undefined) {
      throw invalid(this, `\`failover\` names "${longer}", which is no region`, 'name regions without zones: zones of a region fail over to each other anyway');
    }
    if (priority?.length === 0 || priority?.includes('')) {
      throw invalid(this, '`priority` names no label', 'leave it out for region, zone and sub-zone');
    }
  }

  private checkShares(): void {
    for (const [from, to] of Object.entries(this.props.distribute ?? {})) {
      const list = Object.entries(to).map(([locality, share]) => `${locality} ${share}`).join(', ');
      const sum = Object.values(to).reduce((total, share) => total + share, 0);
      if (sum !== 100 || Object.values(to).some((share) => !Number.isInteger(share) || share < 1)) {
        throw new MeshError({
          construct: this, code: 'invalid-weights', problem: `shares of callers in ${from} must be whole percentages that add up to 100, got ${sum} (${list})`,
          fix: 'change them, and leave out localities that get nothing',
        });
      }
    }
  }
}
