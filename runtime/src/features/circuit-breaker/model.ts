import { key } from '../../model/attachment';

/** Limits on connections and requests. Durations in milliseconds; undefined: no limit. */
export interface ConnectionPool {
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRetries?: number;
  readonly maxRequestsPerConnection?: number;
  readonly maxConcurrentStreams?: number;
  readonly connectTimeout?: number;
  /** Of HTTP connections without requests. */
  readonly idleTimeout?: number;
  /** Of opaque connections without bytes. */
  readonly tcpIdleTimeout?: number;
  readonly maxConnectionDuration?: number;
  readonly keepalive?: Keepalive;
  readonly http2Keepalive?: { readonly interval?: number; readonly timeout: number };
  /** Undefined: as the mesh says. */
  readonly upgrade?: boolean;
  readonly useClientProtocol: boolean;
}

/** Undefined fields are the operating system's. */
export interface Keepalive {
  readonly probes?: number;
  readonly time?: number;
  readonly interval?: number;
}

/** What holds for connections of the whole mesh unless a pool says otherwise. */
export interface ConnectionDefaults {
  readonly keepalive?: Keepalive;
  readonly upgrade: boolean;
}

/** How many requests may be retries at one time: a share of all, but never fewer than a minimum. */
export interface RetryBudget {
  readonly percent: number;
  readonly minimum: number;
  readonly interval?: number;
}

/** When an endpoint is taken out of the pool, and for how long. Undefined: Istio's default. */
export interface OutlierDetection {
  readonly consecutive5xx?: number;
  readonly consecutiveGatewayErrors?: number;
  readonly consecutiveLocalOriginFailures?: number;
  readonly splitLocalOrigin: boolean;
  readonly interval?: number;
  readonly baseEjectionTime?: number;
  readonly maxEjectionPercent?: number;
  readonly minHealthPercent?: number;
  /** Answers that count as errors, instead of those of 500 and above. */
  readonly statusCodes: readonly number[];
}

export const connectionPool = key<ConnectionPool>('connectionPool');
export const connectionDefaults = key<ConnectionDefaults>('connectionDefaults');
export const retryBudget = key<RetryBudget>('retryBudget', 'host');
export const outlierDetection = key<OutlierDetection>('outlierDetection');
