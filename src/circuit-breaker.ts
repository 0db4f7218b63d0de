import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { PolicyScope } from './policy-scope';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { group, Limits } from './private/limits';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';

/** The limits, each of its own; what is left out has Istio's default. */
export interface CircuitBreakerProps<V extends string> extends PolicyScope<V> {
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
 * Limits for a service, and instances that are taken out when they fail. Writes into the service's DestinationRule. It is the short word for
 * the usual fields of {@link ConnectionPool} and {@link OutlierDetection}, which have all of them.
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
    const { service, version, port } = props;
    checkReference(service, 'service', this);
    const policy = this.policy(props);
    rulesOf(service).forEach((rules) => rules.addPolicy(this, policy, { version, port }));
  }

  private policy(props: CircuitBreakerProps<V>) {
    const limits = new Limits(this, props);
    const tcp = group({ maxConnections: limits.count('maxConnections'), connectTimeout: limits.time('connectTimeout') });
    const http = group({
      http1MaxPendingRequests: limits.count('maxPendingRequests'),
      http2MaxRequests: limits.count('maxRequests'),
      maxRequestsPerConnection: limits.count('maxRequestsPerConnection', 0),
      maxRetries: limits.count('maxRetries', 0),
    });
    const policy = group({ connectionPool: group({ tcp, http }), outlierDetection: this.outlierDetection(limits) }) ?? {};
    limits.refuseEmpty(policy, '`maxConnections` or `consecutiveErrors`');
    return policy;
  }

  private outlierDetection(limits: Limits<CircuitBreakerProps<V>>) {
    return group({
      consecutive5xxErrors: limits.count('consecutiveErrors', 0),
      consecutiveGatewayErrors: limits.count('consecutiveGatewayErrors', 0),
      interval: limits.time('interval'),
      baseEjectionTime: limits.time('ejectFor'),
      maxEjectionPercent: limits.percent('maxEjectionPercent'),
      minHealthPercent: limits.percent('minHealthPercent'),
    });
  }
}
