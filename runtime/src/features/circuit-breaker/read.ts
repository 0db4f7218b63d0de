import type {
  DestinationRuleSpecTrafficPolicyConnectionPool as PoolSpec,
  DestinationRuleSpecTrafficPolicyConnectionPoolHttp as HttpSpec,
  DestinationRuleSpecTrafficPolicyConnectionPoolTcp as TcpSpec,
  DestinationRuleSpecTrafficPolicyOutlierDetection as OutlierSpec,
  DestinationRuleSpecTrafficPolicyRetryBudget as BudgetSpec,
} from '../../../../imports/istio/destination-rule.types';
import type { Attachment } from '../../model/attachment';
import { attach } from '../../model/attachment';
import { readDuration } from '../duration';
import type { Place } from '../../model/place';
import type { Range } from '../number-range';
import { PERCENT, readCount, readNumber } from '../number-range';
import type { Reader } from '../reader';
import type { ConnectionPool, Keepalive, OutlierDetection, RetryBudget } from './model';
import { connectionDefaults, connectionPool, outlierDetection, retryBudget } from './model';

/** What HTTP/2 can count (RFC 9113). */
const MAX_STREAMS = 0x7fff_ffff;
/** Every status that an answer can have. */
const ANSWER: Range = { min: 100, max: 599 };
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
    if (spec.retryBudget) {
      found.push(attach(retryBudget, readBudget(spec.retryBudget, place.at('retryBudget'))));
    }
    return found;
  },

  mesh(config, place) {
    const { tcpKeepalive, h2UpgradePolicy } = config;
    const keepalive = tcpKeepalive && readKeepalive(tcpKeepalive, place.at('tcpKeepalive'));
    return keepalive || h2UpgradePolicy === 'UPGRADE' ? [attach(connectionDefaults, { keepalive, upgrade: h2UpgradePolicy === 'UPGRADE' })] : [];
  },
};

function readPool(spec: PoolSpec, place: Place): ConnectionPool {
  const tcp = readTcp(spec.tcp ?? {}, place.at('tcp'));
  const http = readHttp(spec.http ?? {}, place.at('http'));
  return { ...tcp, ...http, idleTimeout: http.idleTimeout ?? tcp.tcpIdleTimeout };
}

function readTcp(spec: TcpSpec, place: Place): Partial<ConnectionPool> {
  return {
    maxConnections: readCount(spec.maxConnections, place.at('maxConnections')),
    connectTimeout: readDuration(spec.connectTimeout, place.at('connectTimeout')) || undefined,
    tcpIdleTimeout: readDuration(spec.idleTimeout, place.at('idleTimeout')),
    maxConnectionDuration: readDuration(spec.maxConnectionDuration, place.at('maxConnectionDuration')),
    keepalive: spec.tcpKeepalive && readKeepalive(spec.tcpKeepalive, place.at('tcpKeepalive')),
  };
}

function readKeepalive(spec: NonNullable<TcpSpec['tcpKeepalive']>, place: Place): Keepalive {
  return {
    probes: spec.probes || undefined,
    time: readDuration(spec.time, place.at('time')),
    interval: readDuration(spec.interval, place.at('interval')),
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
      interval: readMilliseconds(spec.http2KeepAlive.interval, alive.at('interval')),
      timeout: readMilliseconds(spec.http2KeepAlive.timeout, alive.at('timeout')) ?? KEEPALIVE_TIMEOUT,
    },
    upgrade: readUpgrade(spec),
    useClientProtocol: spec.useClientProtocol ?? false,
  };
}

/** Undefined for none. Envoy counts in milliseconds. */
function readMilliseconds(text: string | undefined, place: Place): number | undefined {
  const time = readDuration(text, place);
  if (time !== undefined && time > 0 && time < 1) {
    place.problem(`'${text}' is less than 1ms, the least that there is: it is left out`);
    return undefined;
  }
  return time || undefined;
}

function readUpgrade({ h2UpgradePolicy }: HttpSpec): boolean | undefined {
  return h2UpgradePolicy === 'UPGRADE' ? true : h2UpgradePolicy === 'DO_NOT_UPGRADE' ? false : undefined;
}

/** Istio's defaults are Envoy's. */
function readBudget(spec: BudgetSpec, place: Place): RetryBudget {
  return {
    percent: readNumber(spec.percent, PERCENT, place.at('percent')) ?? 20,
    minimum: readCount(spec.minRetryConcurrency, place.at('minRetryConcurrency')) ?? 3,
    interval: readDuration(spec.budgetInterval, place.at('budgetInterval')),
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
    statusCodes: (spec.outlierDetectionHttpErrorCodes ?? []).filter((code, i) =>
      readNumber(code, ANSWER, place.at('outlierDetectionHttpErrorCodes').at(i)) !== undefined),
  };
}
