import { CanaryRoute, Cookie, Gateway, Header, MeshService, Path, Port, Query } from '../src';
import { createWorld, hostOf } from './world';

const to = (subset: string, weight?: number) => ({ destination: { host: hostOf('reviews'), subset }, ...(weight !== undefined && { weight }) });

describe('CanaryRoute', () => {
  test('sends its share to the canary, and chosen requests always', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');

    // WHEN
    new CanaryRoute(mesh, 'reviews-canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 10, always: [Header.exact('end-user', 'jason')] });

    // THEN
    expect(spec('VirtualService', 'reviews')).toEqual({
      hosts: [hostOf('reviews')],
      http: [
        { match: [{ headers: { 'end-user': { exact: 'jason' } } }], route: [to('v2')] },
        { route: [to('v1', 90), to('v2', 10)] },
      ],
    });
  });

  test.each([[0, 100], [100, 0]])('keeps both versions at %i percent, so that a step is one changed line', (weight, rest) => {
    const { mesh, service, spec } = createWorld();
    new CanaryRoute(mesh, 'canary', { service: service('reviews'), stable: 'v1', canary: 'v2', weight });
    expect(spec('VirtualService', 'reviews').http).toEqual([{ route: [to('v1', rest), to('v2', weight)] }]);
  });

  test('takes any of several conditions', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();

    // WHEN
    new CanaryRoute(mesh, 'canary', {
      service: service('reviews'), stable: 'v1', canary: 'v2', weight: 0,
      always: [Query.exact('ring', 'beta'), Cookie.exact('beta', '1'), Path.prefix('/beta'), { headers: [Header.exact('a', '1'), Header.exact('b', '2')] }],
    });

    // THEN
    expect(spec('VirtualService', 'reviews').http[0].match).toEqual([
      { uri: { prefix: '/beta' } },
      { headers: { a: { exact: '1' }, b: { exact: '2' } } },
      { headers: { cookie: { regex: '(.*; ?)?beta=1(;.*)?' } } },
      { queryParams: { ring: { exact: 'beta' } } },
    ]);
  });

  test('works through a gateway', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const reviews = service('reviews');
    new Gateway(mesh, 'edge', { host: 'shop.example.com' }).route(reviews, { path: [Path.exact('/reviews'), Path.prefix('/api')] });

    // WHEN
    new CanaryRoute(mesh, 'canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 10, always: [Header.exact('end-user', 'jason')] });

    // THEN
    const at = (subset: string, weight?: number) => ({ destination: { ...to(subset).destination, port: { number: 80 } }, ...(weight && { weight }) });
    const jason = { 'end-user': { exact: 'jason' } };
    expect(spec('VirtualService', 'edge').http).toEqual([
      { match: [{ uri: { exact: '/reviews' }, headers: jason }, { uri: { prefix: '/api' }, headers: jason }], route: [at('v2')] },
      { match: [{ uri: { exact: '/reviews' } }, { uri: { prefix: '/api' } }], route: [at('v1', 90), at('v2', 10)] },
    ]);
  });

  test('shares out connections', () => {
    const { mesh, spec } = createWorld();
    const echo = new MeshService(mesh, 'echo', { port: Port.tcp(9000), versions: { v1: { image: 'x' }, v2: { image: 'x' } } });
    new CanaryRoute(mesh, 'canary', { service: echo, stable: 'v1', canary: 'v2', weight: 20 });
    expect(spec('VirtualService', 'echo').tcp[0].route.map(({ weight }: { weight: number }) => weight)).toEqual([80, 20]);
  });

  test('fails when the weight is out of range', () => {
    const { mesh, service } = createWorld();
    expect(() => new CanaryRoute(mesh, 'canary', { service: service('reviews'), stable: 'v1', canary: 'v2', weight: 110 }))
      .toThrow('canary: weight must be a percentage from 0 to 100, got 110');
  });

  test('fails when stable and canary are the same version', () => {
    const { mesh, service } = createWorld();
    expect(() => new CanaryRoute(mesh, 'canary', { service: service('reviews'), stable: 'v1', canary: 'v1', weight: 10 })).toThrow('stable and canary are both v1');
  });

  test('fails when the service has another rule without a condition, and names both', () => {
    const { mesh, service } = createWorld();
    const reviews = service('reviews').route({ to: 'v1' });
    expect(() => new CanaryRoute(mesh, 'canary', { service: reviews, stable: 'v1', canary: 'v2', weight: 10 }))
      .toThrow('two rules without a condition: chart/mesh/reviews (route to v1) and chart/mesh/canary (route to v1 90 and v2 10)');
  });
});
