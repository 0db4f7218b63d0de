import type {
  DestinationRuleSpecTrafficPolicyConnectionPool as PoolSpec,
  DestinationRuleSpecTrafficPolicyConnectionPoolHttp as HttpSpec,
  DestinationRuleSpecTrafficPolicyConnectionPoolTcp as TcpSpec,
  DestinationRuleSpecTrafficPolicyOutlierDetection as OutlierSpec,
} from '../../../../imports/istio/destination-rule.types';
import type { Attachment } from '../../model/attachment';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import { PERCENT, readCount, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { ConnectionPool, OutlierDetection } from './model';
import { connectionPool, outlierDetection } from './model';

/** What HTTP/2 can count (RFC 9113). */
const MAX_STREAMS = 0x7fff_ffff;
/** Envoy wants one; gRPC's own. */
const KEEPALIVE_TIMEOUT = 20_000;

export const circuitBreakerReader: Reader = {
  policy(spec, place) {
    const found: Attachment[] = [];
    if (spec.connectionPool) {
      found.push(attach(connectionPool, readPool(spec.connectionPool, place.at('connectionPool'))));
    }
    if (spec.outlierDetection) {
      found.push(attach(outlierDetection, readOutliers(spec.outlierDetection, place.at('outlierDetection'))));
    }
    return found;
  },
};

function readPool(spec: PoolSpec, place: Place): ConnectionPool {
  const tcp = readTcp(spec.tcp ?? {}, place.at('tcp'));
  const http = readHttp(spec.http ?? {}, place.at('http'));
  return { ...tcp, ...http, idleTimeout: http.idleTimeout ?? tcp.idleTimeout };
}

function readTcp(spec: TcpSpec, place: Place): Partial<ConnectionPool> {
  const alive = place.at('tcpKeepalive');
  return {
    maxConnections: readCount(spec.maxConnections, place.at('maxConnections')),
    connectTimeout: readDuration(spec.connectTimeout, place.at('connectTimeout')) || undefined,
    idleTimeout: readDuration(spec.idleTimeout, place.at('idleTimeout')),
    maxConnectionDuration: readDuration(spec.maxConnectionDuration, place.at('maxConnectionDuration')),
    keepalive: spec.tcpKeepalive && {
      probes: spec.tcpKeepalive.probes || undefined,
      time: readDuration(spec.tcpKeepalive.time, alive.at('time')),
      interval: readDuration(spec.tcpKeepalive.interval, alive.at('interval')),
    },
  };
}

function readHttp(spec: HttpSpec, place: Place): Partial<ConnectionPool> & Pick<ConnectionPool, 'useClientProtocol'> {
  const alive = place.at('http2KeepAlive');
  return {
    maxPendingRequests: readCount(spec.http1MaxPendingRequests, place.at('http1MaxPendingRequests')),
    maxRequests: readCount(spec.http2MaxRequests, place.at('http2MaxRequests')),
    maxRetries: readCount(spec.maxRetries, place.at('maxRetries')),
    maxRequestsPerConnection: readCount(spec.maxRequestsPerConnection, place.at('maxRequestsPerConnection')),
    maxConcurrentStreams: readCount(spec.maxConcurrentStreams, place.at('maxConcurrentStreams'), MAX_STREAMS),
    idleTimeout: readDuration(spec.idleTimeout, place.at('idleTimeout')),
    http2Keepalive: spec.http2KeepAlive && {
      interval: readDuration(spec.http2KeepAlive.interval, alive.at('interval')) || undefined,
      timeout: readDuration(spec.http2KeepAlive.timeout, alive.at('timeout')) || KEEPALIVE_TIMEOUT,
    },
    upgrade: spec.h2UpgradePolicy === 'UPGRADE' ? true : undefined,
    useClientProtocol: spec.useClientProtocol ?? false,
  };
}

function readOutliers(spec: OutlierSpec, place: Place): OutlierDetection {
  return {
    consecutive5xx: spec.consecutive5xxErrors,
    consecutiveGatewayErrors: spec.consecutiveGatewayErrors ?? (spec.consecutiveErrors || undefined),
    consecutiveLocalOriginFailures: spec.consecutiveLocalOriginFailures,
    splitLocalOrigin: spec.splitExternalLocalOriginErrors ?? false,
    interval: readDuration(spec.interval, place.at('interval')) || undefined,
    baseEjectionTime: readDuration(spec.baseEjectionTime, place.at('baseEjectionTime')) || undefined,
    maxEjectionPercent: readNumber(spec.maxEjectionPercent, PERCENT, place.at('maxEjectionPercent')) || undefined,
    minHealthPercent: readNumber(spec.minHealthPercent, PERCENT, place.at('minHealthPercent')) || undefined,
  };
}
