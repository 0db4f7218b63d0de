import type {
  CircuitBreakers_Thresholds, Cluster, ClusterHttpProtocolOptions, Http2ProtocolOptions, TcpProxy,
} from '../../envoy';
import { duration, uint32 } from '../../envoy';
import { attach } from '../../model/attachment';
import type { Protocol } from '../../model/protocol';
import { isHttp, isHttp2 } from '../../model/protocol';
import type { Emitter } from '../emitter';
import { emitEjection } from './emit-ejection';
import type { ConnectionDefaults, ConnectionPool, Keepalive, RetryBudget } from './model';
import { connectionDefaults, connectionPool, outlierDetection, retryBudget } from './model';

const UNLIMITED = 0xffff_ffff;
const NO_LIMITS: ConnectionPool = { useClientProtocol: false };
const NO_DEFAULTS: ConnectionDefaults = { upgrade: false };

export const circuitBreakerEmitter: Emitter = {
  cluster(settings, { direction, protocol, mesh, detects = true, http2 = false, panics = false }) {
    const pool = settings.get(connectionPool) ?? NO_LIMITS;
    const defaults = mesh.get(connectionDefaults) ?? NO_DEFAULTS;
    const outliers = direction === 'outbound' ? settings.get(outlierDetection) : undefined;
    const ejection = outliers && emitEjection(outliers, panics);
    // How callers connect to the proxy says nothing about the application.
    const upgrade = direction === 'outbound' && http2 && !isHttp2(protocol);
    return {
      cluster: {
        circuitBreakers: { thresholds: [emitThresholds(pool, settings.get(retryBudget))] },
        ...emitConnections(pool, defaults),
        ...ejection?.cluster,
      },
      http: { ...emitCommonLimits(pool), ...emitHttp2(pool, { upgrade, protocol, detects }), ...ejection?.http },
    };
  },

  speaksHttp2(settings, { protocol, detects, mesh }) {
    const pool = settings.get(connectionPool) ?? NO_LIMITS;
    return !pool.useClientProtocol && (isHttp2(protocol) || (!(protocol === 'Auto' && detects) && isUpgraded(pool, mesh.get(connectionDefaults) ?? NO_DEFAULTS, protocol)));
  },

  /** Istio sets the limits of a DestinationRule on both ends. */
  received(settings) {
    const [pool, budget] = [settings.get(connectionPool), settings.get(retryBudget)];
    return [...(pool ? [attach(connectionPool, pool)] : []), ...(budget ? [attach(retryBudget, budget)] : [])];
  },

  panics: (settings) => (settings.get(outlierDetection)?.minHealthPercent ?? 0) > 0,

  ejects: (settings) => settings.get(outlierDetection) !== undefined,

  connection(settings): TcpProxy {
    const { tcpIdleTimeout, maxConnectionDuration } = settings.get(connectionPool) ?? NO_LIMITS;
    return {
      ...(tcpIdleTimeout !== undefined && { idleTimeout: duration(tcpIdleTimeout) }),
      ...(maxConnectionDuration !== undefined && { maxDownstreamConnectionDuration: duration(maxConnectionDuration) }),
    };
  },
};

/** A pool may upgrade any port, its writer knows what is behind; the mesh only those that are HTTP by name. */
function isUpgraded(pool: ConnectionPool, defaults: ConnectionDefaults, protocol: Protocol): boolean {
  return pool.upgrade ?? (isHttp(protocol) && defaults.upgrade);
}

/** Envoy's own defaults (1024 connections, 3 retries) are meant for one service; Istio lifts them all. */
function emitThresholds(pool: ConnectionPool, budget: RetryBudget | undefined): CircuitBreakers_Thresholds {
  return {
    maxConnections: uint32(pool.maxConnections ?? UNLIMITED),
    maxPendingRequests: uint32(pool.maxPendingRequests ?? UNLIMITED),
    maxRequests: uint32(pool.maxRequests ?? UNLIMITED),
    maxRetries: uint32(pool.maxRetries ?? UNLIMITED),
    ...(budget && {
      retryBudget: {
        budgetPercent: { value: budget.percent },
        ...(budget.interval !== undefined && { budgetInterval: duration(budget.interval) }),
        minRetryConcurrency: uint32(budget.minimum),
      },
    }),
  };
}

function emitConnections(pool: ConnectionPool, defaults: ConnectionDefaults): Cluster {
  const keepalive = pool.keepalive || defaults.keepalive ? { ...defaults.keepalive, ...defined(pool.keepalive ?? {}) } : undefined;
  return {
    ...(pool.connectTimeout !== undefined && { connectTimeout: duration(pool.connectTimeout) }),
    ...(keepalive && {
      upstreamConnectionOptions: {
        tcpKeepalive: {
          ...(keepalive.probes !== undefined && { keepaliveProbes: uint32(keepalive.probes) }),
          ...(keepalive.time !== undefined && { keepaliveTime: uint32(Math.floor(keepalive.time / 1000)) }),
          ...(keepalive.interval !== undefined && { keepaliveInterval: uint32(Math.floor(keepalive.interval / 1000)) }),
        },
      },
    }),
  };
}

function defined(keepalive: Keepalive): Keepalive {
  return Object.fromEntries(Object.entries(keepalive).filter(([, value]) => value !== undefined));
}

function emitCommonLimits(pool: ConnectionPool): ClusterHttpProtocolOptions {
  const common = {
    ...(pool.idleTimeout !== undefined && { idleTimeout: duration(pool.idleTimeout) }),
    ...(pool.maxConnectionDuration !== undefined && { maxConnectionDuration: duration(pool.maxConnectionDuration) }),
    ...(pool.maxRequestsPerConnection !== undefined && { maxRequestsPerConnection: uint32(pool.maxRequestsPerConnection) }),
  };
  return Object.keys(common).length > 0 ? { commonHttpProtocolOptions: common } : {};
}

interface Spoken {
  readonly upgrade: boolean;
  readonly protocol: Protocol;
  readonly detects: boolean;
}

/** Settings of HTTP/2 make no HTTP/2 of a port that is not: they wait for connections that are. */
function emitHttp2(pool: ConnectionPool, { upgrade, protocol, detects }: Spoken): ClusterHttpProtocolOptions {
  const http2ProtocolOptions: Http2ProtocolOptions = {
    ...(pool.maxConcurrentStreams !== undefined && { maxConcurrentStreams: uint32(pool.maxConcurrentStreams) }),
    ...(pool.http2Keepalive && { connectionKeepalive: emitKeepalive(pool.http2Keepalive) }),
  };
  const set = Object.keys(http2ProtocolOptions).length > 0;
  if (pool.useClientProtocol || (protocol === 'Auto' && detects && set)) {
    return { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions } };
  }
  return upgrade || (isHttp2(protocol) && set) ? { explicitHttpConfig: { http2ProtocolOptions } } : {};
}

function emitKeepalive(keepalive: NonNullable<ConnectionPool['http2Keepalive']>) {
  return {
    ...(keepalive.interval !== undefined && { interval: duration(keepalive.interval) }),
    timeout: duration(keepalive.timeout),
  };
}
