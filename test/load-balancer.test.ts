import { Duration } from 'cdk8s';
import { Algorithm, ExternalService, Hash, LoadBalancer, Port } from '../src';
import { createWorld } from './world';

describe('LoadBalancer', () => {
  const hashes: [string, Hash, object][] = [
    ['header', Hash.byHeader('x-user'), { httpHeaderName: 'x-user' }],
    ['cookie', Hash.byCookie('session', { ttl: Duration.hours(1), path: '/', attributes: { SameSite: 'Strict', Secure: '' } }),
      { httpCookie: { name: 'session', ttl: '3600s', path: '/', attributes: [{ name: 'SameSite', value: 'Strict' }, { name: 'Secure' }] } }],
    ['session cookie', Hash.byCookie('session', { ttl: Duration.seconds(0) }), { httpCookie: { name: 'session', ttl: '0s' } }],
    ['source IP', Hash.bySourceIp({ ringSize: 2048 }), { useSourceIp: true, ringHash: { minimumRingSize: 2048 } }],
    ['query', Hash.byQuery('user', { maglev: true }), { httpQueryParameterName: 'user', maglev: { tableSize: 65537 } }],
    ['a table of another size', Hash.byQuery('user', { maglev: 5003 }), { httpQueryParameterName: 'user', maglev: { tableSize: 5003 } }],
  ];

  test.each(hashes)('hashes by %s', (_what, algorithm, consistentHash) => {
    const { mesh, service, spec } = createWorld();
    new LoadBalancer(mesh, 'balancer', { service: service('cart'), algorithm });
    expect(spec('DestinationRule', 'cart').trafficPolicy).toEqual({ loadBalancer: { consistentHash } });
  });

  test('chooses for a version and a port, where the narrower one wins whole', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const cart = service('cart');

    // WHEN
    new LoadBalancer(mesh, 'all', { service: cart, algorithm: Hash.bySourceIp() });
    new LoadBalancer(mesh, 'v2', { service: cart, version: 'v2', algorithm: Algorithm.ROUND_ROBIN, warmup: { over: Duration.minutes(1), from: 5, aggression: 2 } });
    new LoadBalancer(mesh, 'port', { service: cart, port: 80, algorithm: Algorithm.RANDOM });

    // THEN
    const random = { port: { number: 80 }, loadBalancer: { simple: 'RANDOM' } };
    const v2 = { simple: 'ROUND_ROBIN', warmup: { duration: '60s', minimumPercent: 5, aggression: 2 } };
    expect(spec('DestinationRule', 'cart')).toMatchObject({
      trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } }, portLevelSettings: [random] },
      subsets: [{ name: 'v1' }, { name: 'v2', trafficPolicy: { loadBalancer: v2, portLevelSettings: [{ port: { number: 80 }, loadBalancer: v2 }] } }],
    });
  });

  test('holds for an external service', () => {
    const { mesh, spec } = createWorld();
    new LoadBalancer(mesh, 'balancer', { service: new ExternalService(mesh, 'db', { host: 'db.example.com', port: Port.tcp(5432) }), algorithm: Algorithm.PASSTHROUGH });
    expect(spec('DestinationRule', 'db').trafficPolicy).toEqual({ loadBalancer: { simple: 'PASSTHROUGH' } });
  });

  describe('fails when', () => {
    const balancer = (props: object) => ({ mesh, service }: ReturnType<typeof createWorld>) => new LoadBalancer(mesh, 'balancer', { service: service('cart'), ...props });
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['it says nothing', balancer({}), 'says nothing about the load balancer'],
      ['a hash has a warm-up', balancer({ algorithm: Hash.bySourceIp(), warmup: { over: Duration.seconds(1) } }), '`warmup` works with ROUND_ROBIN and LEAST_REQUEST only'],
      ['there is no such port', balancer({ algorithm: Algorithm.RANDOM, port: 81 }), 'cart has no port 81; it has 80'],
      ['a hash has two tables', () => Hash.bySourceIp({ ringSize: 10, maglev: true }), 'a hash has both `ringSize` and `maglev`'],
      ['a table is not prime', () => Hash.bySourceIp({ maglev: 1000 }), 'must be a prime number, got 1000'],
      ['a header has no name', () => Hash.byHeader(''), 'the header of a hash has an empty name'],
      ['another one chooses too', ({ mesh, service }) => {
        const cart = service('cart');
        return [
          new LoadBalancer(mesh, 'one', { service: cart, algorithm: Hash.bySourceIp() }), new LoadBalancer(mesh, 'two', { service: cart, algorithm: Algorithm.RANDOM }),
        ];
      }, 'two: loadBalancer (the algorithm) of the whole service is already set by chart/mesh/one'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});
