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
import type { Reader } from '../reader';
import type { ConnectionPool, OutlierDetection } from './model';
import { connectionPool, outlierDetection } from './model';

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
    // Zero means "not set" in all of these: Istio cannot tell them apart either.
    maxConnections: spec.maxConnections || undefined,
    connectTimeout: readDuration(spec.connectTimeout, place.at('connectTimeout')),
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
    maxPendingRequests: spec.http1MaxPendingRequests || undefined,
    maxRequests: spec.http2MaxRequests || undefined,
    maxRetries: spec.maxRetries || undefined,
    maxRequestsPerConnection: spec.maxRequestsPerConnection || undefined,
    maxConcurrentStreams: spec.maxConcurrentStreams || undefined,
    idleTimeout: readDuration(spec.idleTimeout, place.at('idleTimeout')),
    http2Keepalive: spec.http2KeepAlive && {
      interval: readDuration(spec.http2KeepAlive.interval, alive.at('interval')),
      timeout: readDuration(spec.http2KeepAlive.timeout, alive.at('timeout')),
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
    interval: readDuration(spec.interval, place.at('interval')),
    baseEjectionTime: readDuration(spec.baseEjectionTime, place.at('baseEjectionTime')),
    maxEjectionPercent: spec.maxEjectionPercent || undefined,
    minHealthPercent: spec.minHealthPercent || undefined,
  };
}
