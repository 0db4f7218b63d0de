import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicy } from '../imports/istio/destination-rule.types';
import type { ExternalService } from './external-service';
import { MeshError } from './mesh-error';
import type { MeshService } from './mesh-service';
import { checkReference } from './private/callers';
import { positiveDuration } from './private/duration-text';
import { recordLocation } from './private/location';
import { defined } from './private/merge';
import { unusedId } from './private/names';
import { checkPercent, checkWhole } from './private/number-range';

/** The limits, each of its own; what is left out has Istio's default. */
export interface CircuitBreakerProps<V extends string> {
  /** The service. */
  readonly service: MeshService<V> | ExternalService;
  /**
   * Only this version. A rule that routes by version is written if there is none, because Istio applies the policy of a version only to
   * routes that name it.
   * @default the whole service
   */
  readonly version?: NoInfer<V>;
  /** Connections of one proxy. Writes `connectionPool.tcp.maxConnections`. @default 4294967295 */
  readonly maxConnections?: number;
  /** Time to open a connection. Writes `connectionPool.tcp.connectTimeout`. @default 10 s */
  readonly connectTimeout?: Duration;
  /** Requests of one proxy that wait for a connection. Writes `connectionPool.http.http1MaxPendingRequests`. @default 4294967295 */
  readonly maxPendingRequests?: number;
  /** Requests of one proxy at a time. Writes `connectionPool.http.http2MaxRequests`, which holds for HTTP/1.1 too. @default 4294967295 */
  readonly maxRequests?: number;
  /** Requests on one connection; 1 turns keep-alive off. Writes `connectionPool.http.maxRequestsPerConnection`. @default no limit */
  readonly maxRequestsPerConnection?: number;
  /** Retries of one proxy at a time. Writes `connectionPool.http.maxRetries`. @default 4294967295 */
  readonly maxRetries?: number;
  /** Answers 5xx in a row that take an instance out. Writes `outlierDetection.consecutive5xxErrors`. @default 5, if any of the following is given */
  readonly consecutiveErrors?: number;
  /** Answers 502, 503 or 504 in a row that take an instance out. Writes `outlierDetection.consecutiveGatewayErrors`. @default off */
  readonly consecutiveGatewayErrors?: number;
  /** How often instances are judged. Writes `outlierDetection.interval`. @default 10 s */
  readonly interval?: Duration;
  /** How long an instance is out, times the number of times it was. Writes `outlierDetection.baseEjectionTime`. @default 30 s */
  readonly ejectFor?: Duration;
  /** How many instances may be out, in percent. Writes `outlierDetection.maxEjectionPercent`. @default 10 */
  readonly maxEjectionPercent?: number;
  /** Below this share of healthy instances, in percent, all are used again. Writes `outlierDetection.minHealthPercent`. @default 0 */
  readonly minHealthPercent?: number;
}

/**
 * Limits for a service, and instances that are taken out when they fail. Writes into the service's DestinationRule.
 *
 * @example
 * new CircuitBreaker(mesh, 'ratings-breaker', { service: ratings, maxConnections: 100, consecutiveErrors: 5, ejectFor: Duration.seconds(30) });
 */
export class CircuitBreaker<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for an impossible number, percentage or duration, or no limit at all; `conflicting-policy` if
   * another construct sets the same field for the same service or version
   */
  public constructor(scope: Construct, id: string, props: CircuitBreakerProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    checkReference(props.service, 'service', this);
    const policy = this.policy(props);
    props.service.rules.forEach((rules) => rules.addPolicy(this, policy, props.version));
  }

  private policy(props: CircuitBreakerProps<V>): DestinationRuleSpecTrafficPolicy {
    const count = (name: keyof typeof props & string, min = 1): number | undefined => {
      const value = props[name];
      return value === undefined ? undefined : checkWhole(value as number, name, this, { min, max: 4294967295 });
    };
    const tcp = defined({
      maxConnections: count('maxConnections'),
      connectTimeout: props.connectTimeout && positiveDuration(props.connectTimeout, 'connectTimeout', this),
    });
    const http = defined({
      http1MaxPendingRequests: count('maxPendingRequests'),
      http2MaxRequests: count('maxRequests'),
      maxRequestsPerConnection: count('maxRequestsPerConnection', 0),
      maxRetries: count('maxRetries', 0),
    });
    const outlierDetection = this.outlierDetection(props, count);
    const connectionPool = { ...(isSet(tcp) && { tcp }), ...(isSet(http) && { http }) };
    const policy = { ...(isSet(connectionPool) && { connectionPool }), ...(isSet(outlierDetection) && { outlierDetection }) };
    if (!isSet(policy)) {
      throw new MeshError({ construct: this, code: 'invalid-value', problem: 'sets no limit', fix: 'give it at least one, such as `maxConnections` or `consecutiveErrors`' });
    }
    return policy;
  }

  private outlierDetection(props: CircuitBreakerProps<V>, count: (name: keyof CircuitBreakerProps<V> & string, min?: number) => number | undefined) {
    const percent = (name: 'maxEjectionPercent' | 'minHealthPercent'): number | undefined => {
      const value = props[name];
      return value === undefined ? undefined : checkPercent(checkWhole(value, name, this, { min: 0, max: 100 }), name, this);
    };
    return defined({
      consecutive5xxErrors: count('consecutiveErrors', 0),
      consecutiveGatewayErrors: count('consecutiveGatewayErrors', 0),
      interval: props.interval && positiveDuration(props.interval, 'interval', this),
      baseEjectionTime: props.ejectFor && positiveDuration(props.ejectFor, 'ejectFor', this),
      maxEjectionPercent: percent('maxEjectionPercent'),
      minHealthPercent: percent('minHealthPercent'),
    });
  }
}

function isSet(value: object): boolean {
  return Object.keys(value).length > 0;
}
