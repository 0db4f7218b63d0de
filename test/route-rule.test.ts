import { Duration } from 'cdk8s';
import { Cookie, Header, MeshService, Path, Port, Query } from '../src';
import { createWorld, hostOf } from './world';

describe('route', () => {
  test('orders rules by specificity, then by declaration', () => {
    // GIVEN
    const { service, spec } = createWorld();
    const reviews = service('reviews');

    // WHEN
    reviews.route({ to: 'v1' });
    reviews.route({ match: { headers: [Header.exact('end-user', 'jason')] }, to: 'v2' });
    reviews.route({ match: { path: Path.prefix('/beta') }, to: 'v2' });
    reviews.route({ match: { path: Path.exact('/beta/one') }, to: 'v1' });
    reviews.route({ match: { query: [Query.exact('ring', 'beta')] }, to: { v1: 20, v2: 80 }, timeout: Duration.millis(500) });

    // THEN
    const to = (subset: string, weight?: number) => ({ destination: { host: hostOf('reviews'), subset }, ...(weight && { weight }) });
    expect(spec('VirtualService', 'reviews')).toEqual({
      hosts: [hostOf('reviews')],
      http: [
        { match: [{ uri: { exact: '/beta/one' } }], route: [to('v1')] },
        { match: [{ uri: { prefix: '/beta' } }], route: [to('v2')] },
        { match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [to('v2')] },
        { match: [{ queryParams: { ring: { exact: 'beta' } } }], route: [to('v1', 20), to('v2', 80)], timeout: '0.5s' },
        { route: [to('v1')] },
      ],
    });
  });

  test('matches callers, methods, cookies and absent headers', () => {
    // GIVEN
    const { service, spec } = createWorld();
    const reviews = service('reviews');
    const productpage = service('productpage');

    // WHEN
    reviews.route({
      from: [productpage.version('v2')],
      match: { method: ['get', 'HEAD'], cookies: [Cookie.exact('user', 'jason')], headers: [Header.absent('X-Debug'), Header.present('x-user')] },
      to: 'v2',
    });

    // THEN
    const common = {
      headers: { cookie: { regex: '(.*; ?)?user=jason(;.*)?' }, 'x-user': {} },
      withoutHeaders: { 'x-debug': {} },
      sourceNamespace: 'shop',
      sourceLabels: { app: 'productpage', version: 'v2' },
    };
    expect(spec('VirtualService', 'reviews').http[0].match).toEqual([{ ...common, method: { exact: 'GET' } }, { ...common, method: { exact: 'HEAD' } }]);
  });

  test('writes retries, rewrites, redirects, header changes and CORS', () => {
    // GIVEN
    const { service, spec } = createWorld();
    const reviews = service('reviews');

    // WHEN
    reviews.route({ match: { path: Path.exact('/old') }, redirect: { path: '/new', host: 'new.example.com', code: 308 } });
    reviews.route({ match: { path: Path.prefix('/api') }, rewrite: { prefix: '/v2/api', host: 'api' }, retries: { attempts: 3, perTry: Duration.millis(500), on: ['5xx', 'reset'] } });
    reviews.route({
      changeHeaders: { request: { set: { a: '1' }, remove: ['b'] }, response: { add: { c: '2' } } },
      cors: { origins: ['https://shop.example.com', '*'], methods: ['GET'], maxAge: Duration.hours(1), credentials: true },
    });

    // THEN
    const route = [{ destination: { host: hostOf('reviews') } }];
    expect(spec('VirtualService', 'reviews').http).toEqual([
      { match: [{ uri: { exact: '/old' } }], redirect: { uri: '/new', authority: 'new.example.com', redirectCode: 308 } },
      { match: [{ uri: { prefix: '/api' } }], route, rewrite: { uri: '/v2/api', authority: 'api' }, retries: { attempts: 3, perTryTimeout: '0.5s', retryOn: '5xx,reset' } },
      {
        route,
        headers: { request: { set: { a: '1' }, remove: ['b'] }, response: { add: { c: '2' } } },
        corsPolicy: { allowOrigins: [{ exact: 'https://shop.example.com' }, { regex: '.*' }], allowMethods: ['GET'], maxAge: '3600s', allowCredentials: true },
      },
    ]);
  });

  test('matches a prefix as a folder where its rewrite ends with a slash', () => {
    const { service, spec } = createWorld();
    service('cart').route({ match: { path: Path.prefix('/cart') }, rewrite: { prefix: '/' } });
    expect(spec('VirtualService', 'cart').http[0]).toMatchObject({ match: [{ uri: { exact: '/cart' } }, { uri: { prefix: '/cart/' } }], rewrite: { uri: '/' } });
  });

  test('replaces the whole path by a regex that Envoy applies once', () => {
    const { service, spec } = createWorld();
    service('cart').route({ match: { headers: [Header.exact('a', 'b')] }, rewrite: { path: '/index' } });
    expect(spec('VirtualService', 'cart').http[0].rewrite).toEqual({ uriRegexRewrite: { match: '^/.*$', rewrite: '/index' } });
  });

  test('shares connections out where ports do not speak HTTP', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const echo = new MeshService(mesh, 'echo', { port: [Port.tcp(9000), Port.tcp(9001)], versions: { v1: { image: 'x' }, v2: { image: 'x' } } });

    // WHEN
    echo.route({ match: { port: 9001 }, to: 'v2' });
    echo.route({ to: { v1: 80, v2: 20 } });

    // THEN
    const to = (number: number, subset: string, weight?: number) =>
      ({ destination: { host: hostOf('echo'), port: { number }, subset }, ...(weight && { weight }) });
    expect(spec('VirtualService', 'echo')).toEqual({
      hosts: [hostOf('echo')],
      tcp: [
        { match: [{ port: 9000 }], route: [to(9000, 'v1', 80), to(9000, 'v2', 20)] },
        { match: [{ port: 9001 }], route: [to(9001, 'v2')] },
      ],
    });
  });

  test('names the port of every destination where there are several, as istioctl analyze wants it (IST0112)', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const api = new MeshService(mesh, 'api', { port: [80, Port.grpc(90), Port.tcp(9000)], versions: { v1: { image: 'x' }, v2: { image: 'x' } } });

    // WHEN
    api.route({ match: { port: 90, headers: [Header.exact('a', 'b')] }, to: 'v2' });
    api.route({ to: 'v1' });

    // THEN
    const to = (number: number, subset: string) => [{ destination: { host: hostOf('api'), port: { number }, subset } }];
    expect(spec('VirtualService', 'api')).toEqual({
      hosts: [hostOf('api')],
      http: [
        { match: [{ port: 80 }], route: to(80, 'v1') },
        { match: [{ headers: { a: { exact: 'b' } }, port: 90 }], route: to(90, 'v2') },
        { match: [{ port: 90 }], route: to(90, 'v1') },
      ],
      tcp: [{ match: [{ port: 9000 }], route: to(9000, 'v1') }],
    });
  });

  test('names the port where requests have one only, besides others', () => {
    const { mesh, spec } = createWorld();
    new MeshService(mesh, 'api', { port: [80, Port.tcp(9000)], versions: { v1: { image: 'x' } } }).decorate({ timeout: Duration.seconds(1) });
    expect(spec('VirtualService', 'api').http).toEqual([{ route: [{ destination: { host: hostOf('api'), port: { number: 80 } } }], timeout: '1s' }]);
  });

  test('adds one VirtualService however many constructs say something', () => {
    const { service, all } = createWorld();
    const reviews = service('reviews');
    reviews.route({ match: { path: Path.exact('/a') }, to: 'v1' }).route({ to: 'v2' }).decorate({ timeout: Duration.seconds(1) });
    expect(all('VirtualService')).toHaveLength(1);
  });
});

describe('decorate', () => {
  test('applies to every rule without a match', () => {
    const { service, spec } = createWorld();
    service('reviews').route({ match: { path: Path.exact('/a') }, to: 'v1' }).route({ to: 'v2', timeout: Duration.seconds(9) }).decorate({ timeout: Duration.seconds(1) });
    expect(spec('VirtualService', 'reviews').http.map(({ timeout }: { timeout: string }) => timeout)).toEqual(['1s', '9s']);
  });

  test('splits the rules that it overlaps with, and leaves out what it cannot', () => {
    // GIVEN
    const { service, spec } = createWorld();
    const reviews = service('reviews');
    reviews.route({ match: { path: Path.exact('/beta') }, to: 'v2' });
    reviews.route({ to: 'v1' });

    // WHEN
    reviews.decorate({ match: { path: Path.prefix('/api'), headers: [Header.exact('a', 'b')] }, timeout: Duration.seconds(1) });

    // THEN
    const to = (subset: string) => [{ destination: { host: hostOf('reviews'), subset } }];
    expect(spec('VirtualService', 'reviews').http).toEqual([
      { match: [{ uri: { exact: '/beta' } }], route: to('v2') },
      { match: [{ uri: { prefix: '/api' }, headers: { a: { exact: 'b' } } }], route: to('v1'), timeout: '1s' },
      { route: to('v1') },
    ]);
  });
});
