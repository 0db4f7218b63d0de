import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { MeshError } from './mesh-error';
import type { PolicyScope } from './policy-scope';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { group, Limits } from './private/limits';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkWhole } from './private/number-range';

/** When an instance is taken out, and for how long. */
export interface OutlierDetectionProps<V extends string> extends PolicyScope<V> {
  /** Answers 5xx in a row that take an instance out; 0 turns it off. Writes `consecutive5xxErrors`. @default 5 */
  readonly consecutiveErrors?: number;
  /** Answers 502, 503 or 504 in a row that take an instance out; 0 turns it off. Writes `consecutiveGatewayErrors`. @default off */
  readonly consecutiveGatewayErrors?: number;
  /**
   * Failures before any answer (no connection, a reset, a timeout) in a row that take an instance out, counted apart from answers.
   * Writes `splitExternalLocalOriginErrors` and `consecutiveLocalOriginFailures`.
   * @default they count as answers 5xx do
   */
  readonly consecutiveConnectionFailures?: number;
  /** Statuses that count as errors instead of all 5xx, such as 429 and 503. Writes `outlierDetectionHttpErrorCodes`. @default all 5xx */
  readonly errorStatuses?: readonly number[];
  /** How often instances are judged. Writes `interval`. @default 10 s */
  readonly interval?: Duration;
  /** How long an instance is out, times the number of times it was. Writes `baseEjectionTime`. @default 30 s */
  readonly ejectFor?: Duration;
  /** How many instances may be out, in percent; one may always be. Writes `maxEjectionPercent`. @default 10 */
  readonly maxEjectionPercent?: number;
  /** Below this share of healthy instances, in percent, all are used again. Writes `minHealthPercent`. @default 0 */
  readonly minHealthPercent?: number;
}

/**
 * Takes out instances that fail. Writes into the service's DestinationRule. Without any limit it has Istio's defaults.
 *
 * @example
 * new OutlierDetection(mesh, 'reviews-outliers', { service: reviews, consecutiveGatewayErrors: 3, ejectFor: Duration.minutes(1) });
 */
export class OutlierDetection<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for an impossible number, status or duration; `conflicting-policy` if another construct sets the
   * same field of the same scope
   */
  public constructor(scope: Construct, id: string, props: OutlierDetectionProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, version, port } = props;
    checkReference(service, 'service', this);
    const outlierDetection = this.fields(props);
    rulesOf(service).forEach((rules) => rules.addPolicy(this, { outlierDetection }, { version, port }));
  }

  private fields(props: OutlierDetectionProps<V>) {
    const limits = new Limits(this, props);
    if (props.errorStatuses?.length === 0) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: '`errorStatuses` is empty', fix: 'leave it out, or name statuses such as 429' });
    }
    return group({
      consecutive5xxErrors: limits.count('consecutiveErrors', 0),
      consecutiveGatewayErrors: limits.count('consecutiveGatewayErrors', 0),
      splitExternalLocalOriginErrors: props.consecutiveConnectionFailures === undefined ? undefined : true,
      consecutiveLocalOriginFailures: limits.count('consecutiveConnectionFailures', 0),
      outlierDetectionHttpErrorCodes: props.errorStatuses?.map((status) => checkWhole(status, 'errorStatuses', this, { min: 100, max: 599 })),
      interval: limits.time('interval'),
      baseEjectionTime: limits.time('ejectFor'),
      maxEjectionPercent: limits.percent('maxEjectionPercent'),
      minHealthPercent: limits.percent('minHealthPercent'),
    }) ?? { consecutive5xxErrors: 5 };
  }
}
