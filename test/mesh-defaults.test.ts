import { Duration } from 'cdk8s';
import { CircuitBreaker, EgressGateway, ExternalService, Gateway, MeshService, Path, Port } from '../src';
import { createWorld, hostOf } from './world';

const defaults = { timeout: Duration.seconds(15), retries: { attempts: 1 }, loadBalancer: 'ROUND_ROBIN' as const };
const simple = { loadBalancer: { simple: 'ROUND_ROBIN' } };

describe('defaults of a mesh', () => {
  test('are written for every service, also without rules', () => {
    // GIVEN
    const { service, spec } = createWorld({ defaults });

    // WHEN
    service('cart');

    // THEN
    expect(spec('VirtualService', 'cart')).toEqual({
      hosts: [hostOf('cart')], http: [{ route: [{ destination: { host: hostOf('cart') } }], timeout: '15s', retries: { attempts: 1 } }],
    });
    expect(spec('DestinationRule', 'cart')).toMatchObject({ trafficPolicy: simple });
  });

  test('give way to what is said about a service, field by field', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld({ defaults });
    const cart = service('cart');

    // WHEN
    cart.route({ match: { path: Path.exact('/slow') }, to: 'v2', timeout: Duration.seconds(60) });
    cart.route({ match: { path: Path.exact('/') }, redirect: { path: '/home' } });
    new CircuitBreaker(mesh, 'breaker', { service: cart, maxConnections: 1 });

    // THEN
    expect(spec('VirtualService', 'cart').http.map(({ timeout, retries }: Record<string, unknown>) => [timeout, retries])).toEqual([
      ['60s', { attempts: 1 }], [undefined, undefined], ['15s', { attempts: 1 }],
    ]);
    expect(spec('DestinationRule', 'cart').trafficPolicy).toEqual({ ...simple, connectionPool: { tcp: { maxConnections: 1 } } });
  });

  test('hold at the edge and for what is outside', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld({ defaults: { timeout: Duration.seconds(15) } });

    // WHEN
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(service('cart'));
    new ExternalService(mesh, 'partner', { host: 'partner.example', port: 80 });
    new EgressGateway(mesh, 'egress', { hosts: ['b.example'] });

    // THEN
    expect(spec('VirtualService', 'edge').http[0].timeout).toBe('15s');
    expect(spec('VirtualService', 'partner').http[0].timeout).toBe('15s');
    expect(spec('VirtualService', 'b-example').http.map(({ timeout }: { timeout?: string }) => timeout)).toEqual(['15s', undefined]);
  });

  test('have nothing to do with connections and services of other repositories', () => {
    const { mesh, all } = createWorld({ defaults: { timeout: Duration.seconds(15) } });
    new MeshService(mesh, 'db', { port: Port.tcp(1), versions: { v1: { image: 'x' } } });
    MeshService.fromName(mesh, 'other', { port: 80 });
    expect(all('VirtualService')).toEqual([]);
  });

  test('fails when a timeout is none', () => {
    expect(() => createWorld({ defaults: { timeout: Duration.seconds(0) } })).toThrow('timeout must be at least one millisecond');
  });
});
