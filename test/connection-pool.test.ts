import { Duration } from 'cdk8s';
import { ConnectionPool, MeshService, Port } from '../src';
import { createWorld } from './world';

describe('ConnectionPool', () => {
  test('writes every field', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const [one, ten] = [Duration.seconds(1), Duration.seconds(10)];

    // WHEN
    new ConnectionPool(mesh, 'pool', {
      service: service('reviews'),
      maxConnections: 1, connectTimeout: one, maxConnectionDuration: ten, tcpIdleTimeout: one, tcpKeepalive: { probes: 3, time: ten, interval: one },
      maxPendingRequests: 2, maxRequests: 3, maxRequestsPerConnection: 4, maxConcurrentStreams: 5, idleTimeout: one,
      http2Keepalive: { interval: ten, timeout: one }, upgradeToHttp2: true, useClientProtocol: false,
      retryBudget: { percent: 25.5, minConcurrency: 6, interval: one }, proxyProtocol: 'V2', tunnel: { host: 'a.example.com', port: 443, method: 'POST' },
    });

    // THEN
    expect(spec('DestinationRule', 'reviews').trafficPolicy).toEqual({
      connectionPool: {
        tcp: { maxConnections: 1, connectTimeout: '1s', maxConnectionDuration: '10s', idleTimeout: '1s', tcpKeepalive: { probes: 3, time: '10s', interval: '1s' } },
        http: {
          http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRequestsPerConnection: 4, maxConcurrentStreams: 5, idleTimeout: '1s',
          http2KeepAlive: { interval: '10s', timeout: '1s' }, h2UpgradePolicy: 'UPGRADE', useClientProtocol: false,
        },
      },
      retryBudget: { percent: 25.5, minRetryConcurrency: 6, budgetInterval: '1s' },
      proxyProtocol: { version: 'V2' },
      tunnel: { targetHost: 'a.example.com', targetPort: 443, protocol: 'POST' },
    });
  });

  test('of a port repeats what the service sets, which a port does not inherit in Istio', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const reviews = new MeshService(mesh, 'reviews', { port: [80, Port.grpc(90)], versions: { v1: { image: 'x' } } });

    // WHEN
    new ConnectionPool(mesh, 'all', { service: reviews, maxConnections: 10, maxRetries: 1 });
    new ConnectionPool(mesh, 'grpc', { service: reviews, port: 90, maxConnections: 20 });
    new ConnectionPool(mesh, 'v1', { service: reviews, version: 'v1', maxRetries: 2 });

    // THEN
    const pool = (maxConnections: number, maxRetries: number) => ({ connectionPool: { tcp: { maxConnections }, http: { maxRetries } } });
    expect(spec('DestinationRule', 'reviews')).toMatchObject({
      trafficPolicy: { ...pool(10, 1), portLevelSettings: [{ port: { number: 90 }, ...pool(20, 1) }] },
      subsets: [{ trafficPolicy: { ...pool(10, 2), portLevelSettings: [{ port: { number: 90 }, ...pool(20, 2) }] } }],
    });
  });

  test.each([
    ['it sets nothing', {}, 'sets no limit'],
    ['a field is for whole services only', { port: 80, proxyProtocol: 'V1' as const }, 'Istio has `proxyProtocol` for whole services or versions, not for one port'],
    ['a budget stands beside a number', { maxRetries: 1, retryBudget: {} }, 'has both `maxRetries` and `retryBudget`'],
    ['a tunnel leads nowhere', { tunnel: { host: 'a', port: 0 } }, 'tunnel leads to "a:0", which is no address'],
  ])('fails when %s', (_when, props, message) => {
    const { mesh, service } = createWorld();
    expect(() => new ConnectionPool(mesh, 'pool', { service: service('reviews'), ...props })).toThrow(message);
  });

  test('fails when another one sets the same field of the same port', () => {
    const { mesh, service } = createWorld();
    const reviews = service('reviews');
    new ConnectionPool(mesh, 'one', { service: reviews, port: 80, maxConnections: 1 });
    expect(() => new ConnectionPool(mesh, 'two', { service: reviews, port: 80, maxConnections: 2 }))
      .toThrow('two: connectionPool.tcp.maxConnections of the whole service at port 80 is already set by chart/mesh/one');
  });
});
