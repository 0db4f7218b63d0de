import type { CircuitBreakers_Thresholds, Cluster, ClusterHttpProtocolOptions, OutlierDetection as EnvoyOutlierDetection } from '../../envoy';
import { duration, uint32 } from '../../envoy';
import type { Emitter } from '../emitter';
import type { ConnectionPool, OutlierDetection } from './model';
import { connectionPool, outlierDetection } from './model';

const UNLIMITED = 0xffff_ffff;
const NO_LIMITS: ConnectionPool = { useClientProtocol: false };

export const circuitBreakerEmitter: Emitter = {
  cluster(settings) {
    const pool = settings.get(connectionPool) ?? NO_LIMITS;
    const outliers = settings.get(outlierDetection);
    return {
      cluster: { circuitBreakers: { thresholds: [emitThresholds(pool)] }, ...emitConnections(pool), ...(outliers && emitEjection(outliers)) },
      http: emitHttpLimits(pool),
    };
  },

  connection(settings) {
    const idleTimeout = settings.get(connectionPool)?.idleTimeout;
    return idleTimeout === undefined ? {} : { idleTimeout: duration(idleTimeout) };
  },
};

/** Envoy's own defaults (1024 connections, 3 retries) are meant for one service; Istio lifts them all. */
function emitThresholds(pool: ConnectionPool): CircuitBreakers_Thresholds {
  return {
    maxConnections: uint32(pool.maxConnections ?? UNLIMITED),
    maxPendingRequests: uint32(pool.maxPendingRequests ?? UNLIMITED),
    maxRequests: uint32(pool.maxRequests ?? UNLIMITED),
    maxRetries: uint32(pool.maxRetries ?? UNLIMITED),
    trackRemaining: true,
  };
}

function emitConnections(pool: ConnectionPool): Cluster {
  const { keepalive } = pool;
  return {
    ...(pool.connectTimeout !== undefined && { connectTimeout: duration(pool.connectTimeout) }),
    ...(keepalive && {
      upstreamConnectionOptions: {
        tcpKeepalive: {
          ...(keepalive.probes !== undefined && { keepaliveProbes: uint32(keepalive.probes) }),
          ...(keepalive.time !== undefined && { keepaliveTime: uint32(Math.round(keepalive.time / 1000)) }),
          ...(keepalive.interval !== undefined && { keepaliveInterval: uint32(Math.round(keepalive.interval / 1000)) }),
        },
      },
    }),
  };
}

function emitHttpLimits(pool: ConnectionPool): ClusterHttpProtocolOptions {
  const common = {
    ...(pool.idleTimeout !== undefined && { idleTimeout: duration(pool.idleTimeout) }),
    ...(pool.maxConnectionDuration !== undefined && { maxConnectionDuration: duration(pool.maxConnectionDuration) }),
    ...(pool.maxRequestsPerConnection !== undefined && { maxRequestsPerConnection: uint32(pool.maxRequestsPerConnection) }),
  };
  const http2 = {
    ...(pool.maxConcurrentStreams !== undefined && { maxConcurrentStreams: uint32(pool.maxConcurrentStreams) }),
    ...(pool.http2Keepalive && { connectionKeepalive: emitKeepalive(pool.http2Keepalive) }),
  };
  return {
    ...(Object.keys(common).length > 0 && { commonHttpProtocolOptions: common }),
    ...(pool.useClientProtocol && { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: http2 } }),
    ...(!pool.useClientProtocol && (pool.upgrade || Object.keys(http2).length > 0) && { explicitHttpConfig: { http2ProtocolOptions: http2 } }),
  };
}

function emitKeepalive(keepalive: NonNullable<ConnectionPool['http2Keepalive']>) {
  return {
    ...(keepalive.interval !== undefined && { interval: duration(keepalive.interval) }),
    timeout: duration(keepalive.timeout),
  };
}

function emitEjection(outliers: OutlierDetection): Cluster {
  return {
    outlierDetection: { ...emitConditions(outliers), ...emitTimes(outliers) },
    // Envoy would send to ejected endpoints again when half of them are out; with a handful of pods that is never what was meant.
    commonLbConfig: { healthyPanicThreshold: { value: outliers.minHealthPercent ?? 0 } },
  };
}

function emitConditions(outliers: OutlierDetection): EnvoyOutlierDetection {
  const { consecutive5xx, consecutiveGatewayErrors: gateway, consecutiveLocalOriginFailures: local } = outliers;
  // Zero switches a condition off.
  const enforced = (count: number) => uint32(count > 0 ? 100 : 0);
  return {
    enforcingSuccessRate: uint32(0),
    ...(consecutive5xx !== undefined && { consecutive5xx: uint32(consecutive5xx), enforcingConsecutive5xx: enforced(consecutive5xx) }),
    ...(gateway !== undefined && { consecutiveGatewayFailure: uint32(gateway), enforcingConsecutiveGatewayFailure: enforced(gateway) }),
    ...(outliers.splitLocalOrigin && { splitExternalLocalOriginErrors: true }),
    ...(outliers.splitLocalOrigin && local !== undefined && {
      consecutiveLocalOriginFailure: uint32(local),
      enforcingConsecutiveLocalOriginFailure: enforced(local),
    }),
  };
}

function emitTimes(outliers: OutlierDetection): EnvoyOutlierDetection {
  return {
    ...(outliers.interval !== undefined && { interval: duration(outliers.interval) }),
    ...(outliers.baseEjectionTime !== undefined && { baseEjectionTime: duration(outliers.baseEjectionTime) }),
    ...(outliers.maxEjectionPercent !== undefined && { maxEjectionPercent: uint32(outliers.maxEjectionPercent) }),
  };
}
