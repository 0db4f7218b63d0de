import { Duration } from 'cdk8s';
import { Gateway, Header, Path, Port } from '../src';
import { createWorld, hostOf } from './world';

const at = (name: string, subset?: string) => [{ destination: { host: hostOf(name), port: { number: 80 }, ...(subset && { subset }) } }];

describe('routes of a Gateway', () => {
  test('routes by path, most specific first, with the rest to one service', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });

    // WHEN
    edge.route(service('web'));
    edge.route(service('cart'), { path: Path.prefix('/cart'), rewrite: { prefix: '/' } });
    edge.redirect({ path: Path.exact('/') }, { path: '/home' });

    // THEN
    expect(spec('VirtualService', 'edge')).toEqual({
      hosts: ['shop.example.com'],
      gateways: ['shop/edge'],
      http: [
        { match: [{ uri: { exact: '/cart' } }], route: at('cart'), rewrite: { uri: '/' } },
        { match: [{ uri: { exact: '/' } }], redirect: { uri: '/home' } },
        { match: [{ uri: { prefix: '/cart/' } }], route: at('cart'), rewrite: { uri: '/' } },
        { route: at('web') },
      ],
    });
  });

  test('continues with the rules of the service, on the rewritten path, without those for callers', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const cart = service('cart');
    cart.route({ match: { path: Path.prefix('/beta') }, to: 'v2' });
    cart.route({ match: { path: Path.exact('/other'), headers: [Header.exact('a', 'b')] }, to: 'v2' });
    cart.route({ from: [service('web')], to: 'v2' });
    cart.route({ to: 'v1' });

    // WHEN
    new Gateway(mesh, 'edge', { host: 'shop.example.com' }).route(cart, { path: Path.prefix('/cart/'), rewrite: { prefix: '/' } });

    // THEN
    expect(spec('VirtualService', 'edge').http).toEqual([
      { match: [{ uri: { exact: '/cart/other' }, headers: { a: { exact: 'b' } } }], route: at('cart', 'v2'), rewrite: { uri: '/other' } },
      { match: [{ uri: { prefix: '/cart/beta' } }], route: at('cart', 'v2'), rewrite: { uri: '/beta' } },
      { match: [{ uri: { prefix: '/cart/' } }], route: at('cart', 'v1'), rewrite: { uri: '/' } },
    ]);
  });

  test('changes headers before the rules of the service do, and its own options win over theirs', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const cart = service('cart').decorate({ timeout: Duration.seconds(9), changeHeaders: { request: { set: { a: 'service', b: 'service' }, remove: ['x'] } } });

    // WHEN
    new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(cart, {
      timeout: Duration.seconds(1), changeHeaders: { request: { set: { a: 'edge', c: 'edge' }, remove: ['y'] }, response: { add: { d: 'edge' } } },
    });

    // THEN
    expect(spec('VirtualService', 'edge').http[0]).toMatchObject({
      timeout: '1s',
      headers: { request: { set: { a: 'service', b: 'service', c: 'edge' }, remove: ['y', 'x'] }, response: { add: { d: 'edge' } } },
    });
  });

  test('gives each host with routes of its own a VirtualService of its own', () => {
    // GIVEN
    const { mesh, service, spec, all } = createWorld();
    const edge = new Gateway(mesh, 'edge', { hosts: ['a.example.com', 'b.example.com', 'c.example.com'] });

    // WHEN
    edge.route(service('health'), { path: Path.exact('/health') });
    edge.route(service('a'), { host: 'a.example.com' });
    edge.route(service('b'), { host: 'b.example.com' });

    // THEN
    const health = { match: [{ uri: { exact: '/health' } }], route: at('health') };
    expect(all('VirtualService').map(({ metadata, spec: { hosts } }) => [metadata.name, hosts])).toEqual([
      ['edge', ['c.example.com']], ['edge-a-example-com', ['a.example.com']], ['edge-b-example-com', ['b.example.com']],
    ]);
    expect(spec('VirtualService', 'edge').http).toEqual([health]);
    expect(spec('VirtualService', 'edge-b-example-com').http).toEqual([health, { route: at('b') }]);
  });

  test('writes no VirtualService for hosts that all have their own', () => {
    const { mesh, service, all } = createWorld();
    const edge = new Gateway(mesh, 'edge', { hosts: ['a.example.com'] });
    edge.route(service('web'));
    edge.route(service('a'), { host: 'a.example.com', path: Path.exact('/a') });
    expect(all('VirtualService').map(({ metadata, spec }) => [metadata.name, spec.http.length])).toEqual([['edge-a-example-com', 2]]);
  });

  test('speaks HTTP/2 and gRPC where told to, with methods of gRPC as paths', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'a.example.com', ports: [Port.http2(8080), Port.grpc(9090)] });

    // WHEN
    edge.grpc(service('cart'), { grpcService: 'shop.Cart' }).grpc(service('stock'), { grpcService: 'shop.Cart', grpcMethod: 'Take', timeout: Duration.seconds(1) });

    // THEN
    expect(spec('Gateway', 'edge').servers.map(({ port }: { port: object }) => port)).toEqual([
      { name: 'http2', number: 8080, protocol: 'HTTP2' }, { name: 'grpc', number: 9090, protocol: 'GRPC' },
    ]);
    expect(spec('VirtualService', 'edge').http).toEqual([
      { match: [{ uri: { exact: '/shop.Cart/Take' } }], route: at('stock'), timeout: '1s' }, { match: [{ uri: { prefix: '/shop.Cart/' } }], route: at('cart') },
    ]);
  });
});
