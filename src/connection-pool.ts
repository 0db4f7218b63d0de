import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicy } from '../imports/istio/destination-rule.types';
import type { PolicyScope } from './policy-scope';
import { checkReference } from './private/callers';
import { rulesOf } from './private/host-rules';
import { invalid } from './private/invalid-value';
import { group, Limits } from './private/limits';
import { recordLocation } from './private/location';
import { unusedId } from './private/names';
import { checkPercent } from './private/number-range';

/** Probes that find out whether a silent TCP connection is still alive. Writes `connectionPool.tcp.tcpKeepalive`. */
export interface TcpKeepalive {
  /** Probes without an answer after which a connection is dead. @default the operating system's, 9 on Linux */
  readonly probes?: number;
  /** How long a connection is silent before the first probe. @default the operating system's, 2 hours on Linux */
  readonly time?: Duration;
  /** The time between probes. @default the operating system's, 75 s on Linux */
  readonly interval?: Duration;
}

/** Pings that find out whether a silent HTTP/2 connection is still alive. Writes `connectionPool.http.http2KeepAlive`. */
export interface Http2Keepalive {
  /** The time between pings. */
  readonly interval: Duration;
  /** How long an answer may take. */
  readonly timeout: Duration;
}

/** How many retries may run at once, by the load of the moment instead of a fixed number. Writes `retryBudget`. */
export interface RetryBudget {
  /** Retries that may run at a time, in percent of the requests that run. @default 20 */
  readonly percent?: number;
  /** Retries that may always run. @default 3 */
  readonly minConcurrency?: number;
  /** The time over which requests are counted. @default only those that run now */
  readonly interval?: Duration;
}

/** A proxy through which connections are opened with HTTP CONNECT. Writes `tunnel`. */
export interface Tunnel {
  /** The host that the tunnel leads to. Writes `targetHost`. */
  readonly host: string;
  /** The port that the tunnel leads to. Writes `targetPort`. */
  readonly port: number;
  /** CONNECT for any TCP, or POST. @default 'CONNECT' */
  readonly method?: 'CONNECT' | 'POST';
}

/** Limits of the connections to a service; what is left out has Istio's default. All of them hold for each proxy by itself. */
export interface ConnectionPoolProps<V extends string> extends PolicyScope<V> {
  /** Connections to all instances together. Writes `tcp.maxConnections`. @default 4294967295 */
  readonly maxConnections?: number;
  /** Time to open a connection. Writes `tcp.connectTimeout`. @default 10 s */
  readonly connectTimeout?: Duration;
  /** How long a connection may live. Writes `tcp.maxConnectionDuration`. @default no limit */
  readonly maxConnectionDuration?: Duration;
  /** How long a TCP connection may be silent before it is closed. Writes `tcp.idleTimeout`. @default 1 h */
  readonly tcpIdleTimeout?: Duration;
  /** Probes of silent TCP connections. Writes `tcp.tcpKeepalive`. @default none */
  readonly tcpKeepalive?: TcpKeepalive;
  /** Requests that wait for a connection. Writes `http.http1MaxPendingRequests`. @default 4294967295 */
  readonly maxPendingRequests?: number;
  /** Requests at a time. Writes `http.http2MaxRequests`, which holds for HTTP/1.1 too. @default 4294967295 */
  readonly maxRequests?: number;
  /** Requests on one connection; 1 turns keep-alive off, 0 means no limit. Writes `http.maxRequestsPerConnection`. @default no limit */
  readonly maxRequestsPerConnection?: number;
  /** Retries at a time; cannot stand with `retryBudget`. Writes `http.maxRetries`. @default 4294967295 */
  readonly maxRetries?: number;
  /** Requests at a time on one HTTP/2 connection. Writes `http.maxConcurrentStreams`. @default 2147483647 */
  readonly maxConcurrentStreams?: number;
  /** How long an HTTP connection may be without a request before it is closed. Writes `http.idleTimeout`. @default 1 h */
  readonly idleTimeout?: Duration;
  /** Pings of silent HTTP/2 connections. Writes `http.http2KeepAlive`. @default none */
  readonly http2Keepalive?: Http2Keepalive;
  /**
   * Whether HTTP/1.1 requests of clients are sent on over HTTP/2; the service must understand it. Writes `http.h2UpgradePolicy`.
   * @default what the mesh says, which is not
   */
  readonly upgradeToHttp2?: boolean;
  /** Whether requests are sent on in the protocol of the client, HTTP/1.1 or HTTP/2. Writes `http.useClientProtocol`. @default false */
  readonly useClientProtocol?: boolean;
  /** Retries at a time as a share of the load. Writes `retryBudget`. @default none */
  readonly retryBudget?: RetryBudget;
  /** A PROXY protocol header of this version begins each connection. Writes `proxyProtocol.version`. @default none */
  readonly proxyProtocol?: 'V1' | 'V2';
  /** Connections are opened through a forward proxy: the service is that proxy. Writes `tunnel`. @default none */
  readonly tunnel?: Tunnel;
}

/**
 * How connections to a service are opened, used and limited. Writes into its DestinationRule. {@link CircuitBreaker} is the short word for the
 * limits that most people want.
 *
 * @example
 * new ConnectionPool(mesh, 'reviews-pool', { service: reviews, version: 'v2', idleTimeout: Duration.seconds(30), upgradeToHttp2: true });
 */
export class ConnectionPool<V extends string = never> extends Construct {
  /**
   * @throws {@link MeshError} `invalid-value` for an impossible number or duration, no setting at all, or one that Istio has for whole services
   * only beside `port`; `conflicting-policy` if another construct sets the same field of the same scope
   */
  public constructor(scope: Construct, id: string, props: ConnectionPoolProps<V>) {
    super(scope, unusedId(scope, id));
    recordLocation(this);
    const { service, version, port } = props;
    checkReference(service, 'service', this);
    const policy = this.policy(props);
    rulesOf(service).forEach((rules) => rules.addPolicy(this, policy, { version, port }));
  }

  private policy(props: ConnectionPoolProps<V>): DestinationRuleSpecTrafficPolicy {
    const limits = new Limits(this, props);
    const policy = group({
      connectionPool: group({ tcp: this.tcp(props, limits), http: this.http(props, limits) }),
      retryBudget: this.retryBudget(props),
      proxyProtocol: props.proxyProtocol && { version: props.proxyProtocol },
      tunnel: props.tunnel && this.tunnel(props.tunnel),
    }) ?? {};
    limits.refuseEmpty(policy, '`maxConnections` or `idleTimeout`');
    const wide = (['retryBudget', 'proxyProtocol', 'tunnel'] as const).find((field) => props[field] !== undefined);
    if (props.port !== undefined && wide !== undefined) {
      throw invalid(this, `Istio has \`${wide}\` for whole services or versions, not for one port`, 'leave `port` out, or put it into a ConnectionPool of its own');
    }
    return policy;
  }

  private tcp({ tcpKeepalive }: ConnectionPoolProps<V>, limits: Limits<ConnectionPoolProps<V>>) {
    const keepalive = tcpKeepalive && new Limits(this, tcpKeepalive);
    return group({
      maxConnections: limits.count('maxConnections'),
      connectTimeout: limits.time('connectTimeout'),
      maxConnectionDuration: limits.time('maxConnectionDuration'),
      idleTimeout: limits.time('tcpIdleTimeout'),
      tcpKeepalive: keepalive && group({ probes: keepalive.count('probes'), time: keepalive.time('time'), interval: keepalive.time('interval') }),
    });
  }

  private http({ http2Keepalive, upgradeToHttp2, useClientProtocol }: ConnectionPoolProps<V>, limits: Limits<ConnectionPoolProps<V>>) {
    const keepalive = http2Keepalive && new Limits(this, http2Keepalive);
    return group({
      http1MaxPendingRequests: limits.count('maxPendingRequests'),
      http2MaxRequests: limits.count('maxRequests'),
      maxRequestsPerConnection: limits.count('maxRequestsPerConnection', 0),
      maxRetries: limits.count('maxRetries', 0),
      maxConcurrentStreams: limits.count('maxConcurrentStreams'),
      idleTimeout: limits.time('idleTimeout'),
      http2KeepAlive: keepalive && { interval: keepalive.time('interval'), timeout: keepalive.time('timeout') },
      h2UpgradePolicy: upgradeToHttp2 === undefined ? undefined : upgradeToHttp2 ? 'UPGRADE' as const : 'DO_NOT_UPGRADE' as const,
      useClientProtocol,
    });
  }

  private retryBudget({ retryBudget: given, maxRetries }: ConnectionPoolProps<V>) {
    if (given === undefined) {
      return undefined;
    }
    if (maxRetries !== undefined) {
      throw invalid(this, 'has both `maxRetries` and `retryBudget`, of which Envoy takes the budget only', 'leave one of them out');
    }
    const limits = new Limits(this, given);
    return group({
      percent: given.percent === undefined ? undefined : checkPercent(given.percent, 'retryBudget.percent', this),
      minRetryConcurrency: limits.count('minConcurrency', 0),
      budgetInterval: limits.time('interval'),
    }) ?? { percent: 20 };
  }

  private tunnel({ host, port, method }: Tunnel) {
    if (!Number.isInteger(port) || port < 1 || port > 65535 || host === '') {
      throw invalid(this, `tunnel leads to "${host}:${port}", which is no address`, 'give it a host and a port from 1 to 65535');
    }
    return { targetHost: host, targetPort: port, ...(method && { protocol: method }) };
  }
}
