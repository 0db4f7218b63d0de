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
  readonly idleTimeout?: number;
  readonly maxConnectionDuration?: number;
  readonly keepalive?: { readonly probes?: number; readonly time?: number; readonly interval?: number };
  readonly http2Keepalive?: { readonly interval?: number; readonly timeout: number };
  readonly upgrade?: boolean;
  readonly useClientProtocol: boolean;
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
}

export const connectionPool = key<ConnectionPool>('connectionPool');
export const outlierDetection = key<OutlierDetection>('outlierDetection');
