import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Hash, type Algorithm } from './hash';
import type { PolicyScope } from './policy-scope';
import { checkReference } from './private/callers';
import { positiveDuration } from './private/duration-text';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { unusedId } from './private/names';
import { checkPercent } from './private/number-range';

/** How fast an instance that is new gets its full share. Writes `loadBalancer.warmup`. */
export interface Warmup {
  /** How long it takes. */
  readonly over: Duration;
  /** The share that it begins with, in percent of its full share. @default 10 */
  readonly from?: number;
  /** More than 1 holds the share back longer and lets it grow faster in the end; less than 1 the other way round. @default 1: evenly */
  readonly aggression?: number;
}

/** How a service's instances share its requests. */
export interface LoadBalancerProps<V extends string> extends PolicyScope<V> {
  /**
   * How the next instance is chosen: an {@link Algorithm}, or a {@link Hash} that makes clients come back to the same one.
   * @default Istio's, Algorithm.LEAST_REQUEST
   */
  readonly algorithm?: Algorithm | Hash;
  /**
   * New instances get their share little by little; for ROUND_ROBIN and LEAST_REQUEST.
   * @default all at once
   */
  readonly warmup?: Warmup;
}

/**
 * How the requests to a service are shared out among its instances. Writes `loadBalancer` into the service's DestinationRule.
 *
 * @example
 * new LoadBalancer(mesh, 'sticky-cart', { service: cart, algorithm: Hash.byCookie('session', { ttl: Duration.hours(1) }) });
 */
export class LoadBalancer<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` if it says nothing, or for a warm-up that its algorithm does not know; `conflicting-policy` if
   * another construct sets the same field of the same scope
   */
  public constructor(scope: Construct, id: string, props: LoadBalancerProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, version, port, algorithm, warmup } = props;
    checkReference(service, 'service', this);
    if (algorithm === undefined && warmup === undefined) {
      throw invalid(this, 'says nothing about the load balancer', 'give it `algorithm` or `warmup`');
    }
    if (warmup !== undefined && (algorithm instanceof Hash || algorithm === 'RANDOM' || algorithm === 'PASSTHROUGH')) {
      throw invalid(this, '`warmup` works with ROUND_ROBIN and LEAST_REQUEST only', 'leave it out, or choose one of them');
    }
    const loadBalancer = defined({
      simple: algorithm instanceof Hash ? undefined : algorithm,
      consistentHash: algorithm instanceof Hash ? algorithm.consistentHash : undefined,
      warmup: warmup && this.warmup(warmup),
    });
    rulesOf(service).forEach((rules) => rules.addPolicy(this, { loadBalancer }, { version, port }));
  }

  private warmup({ over, from, aggression }: Warmup) {
    if (aggression !== undefined && !(aggression > 0)) {
      throw invalid(this, `warmup.aggression must be more than 0, got ${aggression}`, 'leave it out for an even growth');
    }
    return defined({
      duration: positiveDuration(over, 'warmup.over', this),
      minimumPercent: from === undefined ? undefined : checkPercent(from, 'warmup.from', this),
      aggression,
    });
  }
}
