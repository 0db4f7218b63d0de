import { Duration } from 'cdk8s';
import { CircuitBreaker, ExternalService, MeshService, Port } from '../src';
import { createWorld, hostOf } from './world';

describe('CircuitBreaker', () => {
  test('holds for a port with TLS settings of its own too, which inherits nothing in Istio', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const partner = new ExternalService(mesh, 'partner', { host: 'a.example.com', port: [Port.http(80), Port.tls(443)], originateTls: true });

    // WHEN
    new CircuitBreaker(mesh, 'breaker', { service: partner, maxConnections: 3 });

    // THEN
    const connectionPool = { tcp: { maxConnections: 3 } };
    expect(spec('DestinationRule', 'partner').trafficPolicy).toEqual({
      connectionPool,
      portLevelSettings: [{ port: { number: 80 }, connectionPool, tls: { mode: 'SIMPLE', sni: 'a.example.com' } }],
    });
  });

  test('limits a service', () => {
    // GIVEN
    const { mesh, service, spec, all } = createWorld();

    // WHEN
    new CircuitBreaker(mesh, 'breaker', {
      service: service('ratings'),
      maxConnections: 100, connectTimeout: Duration.seconds(1), maxPendingRequests: 10, maxRequests: 20, maxRequestsPerConnection: 1, maxRetries: 3,
      consecutiveErrors: 5, consecutiveGatewayErrors: 2, interval: Duration.seconds(1), ejectFor: Duration.minutes(3), maxEjectionPercent: 100, minHealthPercent: 0,
    });

    // THEN
    expect(spec('DestinationRule', 'ratings').trafficPolicy).toEqual({
      connectionPool: {
        tcp: { maxConnections: 100, connectTimeout: '1s' },
        http: { http1MaxPendingRequests: 10, http2MaxRequests: 20, maxRequestsPerConnection: 1, maxRetries: 3 },
      },
      outlierDetection: { consecutive5xxErrors: 5, consecutiveGatewayErrors: 2, interval: '1s', baseEjectionTime: '180s', maxEjectionPercent: 100, minHealthPercent: 0 },
    });
    expect(all('VirtualService')).toEqual([]);
  });

  test('of a version repeats what the service sets beside it, and routes by version', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const ratings = new MeshService(mesh, 'ratings', { port: 80, versions: { v1: { image: 'x', replicas: 2 }, v2: { image: 'x' } } });
    new CircuitBreaker(mesh, 'all', { service: ratings, maxConnections: 100, consecutiveErrors: 5 });

    // WHEN
    new CircuitBreaker(mesh, 'v1', { service: ratings, version: 'v1', maxPendingRequests: 10 });

    // THEN
    expect(spec('DestinationRule', 'ratings').subsets).toEqual([
      { name: 'v1', labels: { version: 'v1' }, trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 }, http: { http1MaxPendingRequests: 10 } } } },
      { name: 'v2', labels: { version: 'v2' } },
    ]);
    const to = (subset: string, weight: number) => ({ destination: { host: hostOf('ratings'), subset }, weight });
    expect(spec('VirtualService', 'ratings').http).toEqual([{ route: [to('v1', 67), to('v2', 33)] }]);
  });

  test('limits an external service', () => {
    const { mesh, spec } = createWorld();
    new CircuitBreaker(mesh, 'breaker', { service: new ExternalService(mesh, 'cnn', { host: 'edition.cnn.com', port: 80 }), maxConnections: 1 });
    expect(spec('DestinationRule', 'cnn')).toEqual({ host: 'edition.cnn.com', trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } });
  });

  test('shares a service with another one that sets other fields', () => {
    const { mesh, service, spec } = createWorld();
    const ratings = service('ratings');
    new CircuitBreaker(mesh, 'one', { service: ratings, maxConnections: 1 });
    new CircuitBreaker(mesh, 'two', { service: ratings, connectTimeout: Duration.seconds(1) });
    expect(spec('DestinationRule', 'ratings').trafficPolicy).toEqual({ connectionPool: { tcp: { maxConnections: 1, connectTimeout: '1s' } } });
  });

  describe('fails when', () => {
    const breaker = (props: object) => ({ mesh, service }: ReturnType<typeof createWorld>) => new CircuitBreaker(mesh, 'breaker', { service: service('ratings'), ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['another one sets the same field', ({ mesh, service }) => {
        const ratings = service('ratings');
        return [new CircuitBreaker(mesh, 'one', { service: ratings, maxConnections: 1 }), new CircuitBreaker(mesh, 'two', { service: ratings, maxConnections: 2 })];
      }, 'two: connectionPool.tcp.maxConnections of the whole service is already set by chart/mesh/one'],
      ['it sets no limit', breaker({}), 'breaker: sets no limit'],
      ['a number is not positive', breaker({ maxConnections: 0 }), 'maxConnections must be a whole number from 1 to 4294967295, got 0'],
      ['a percentage is out of range', breaker({ maxEjectionPercent: 101 }), 'maxEjectionPercent must be a whole number from 0 to 100, got 101'],
      ['a duration is nothing', breaker({ ejectFor: Duration.seconds(0) }), 'ejectFor must be at least one millisecond'],
      ['the version does not exist', breaker({ version: 'v9', maxConnections: 1 }), 'ratings has no version "v9"'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
