import { App, Chart } from 'cdk8s';
import { CanaryRoute, ExternalService, Header, IngressRoute, Mesh, MeshError, MeshRuntime, MeshService, Path, Port } from '../src';
import { createWorld, synth } from './world';

const path = (service: string, at: string, pathType = 'Prefix') => ({ path: at, pathType, backend: { service: { name: service, port: { number: 80 } } } });

describe('IngressRoute', () => {
  test('writes an Ingress with hosts, paths and certificates', () => {
    // GIVEN
    const { mesh, service, one } = createWorld();
    const ingress = new IngressRoute(mesh, 'shop', { hosts: ['a.example.com', 'b.example.com'], tls: { 'a.example.com': 'a' } });

    // WHEN
    ingress.route(service('cart'), { path: [Path.prefix('/cart'), Path.exact('/basket')] }).route(service('web'), { host: 'b.example.com' });

    // THEN
    const cart = [path('cart', '/cart'), path('cart', '/basket', 'Exact')];
    expect(one('Ingress', 'shop')).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      metadata: { namespace: 'shop' },
      spec: {
        ingressClassName: 'istio',
        tls: [{ hosts: ['a.example.com'], secretName: 'a' }],
        rules: [{ host: 'a.example.com', http: { paths: cart } }, { host: 'b.example.com', http: { paths: [...cart, path('web', '/')] } }],
      },
    });
    expect(one('IngressClass', 'istio')).toEqual({
      apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'istio' }, spec: { controller: 'istio.io/ingress-controller' },
    });
  });

  test('answers for every host where none is named', () => {
    const { mesh, service, spec } = createWorld();
    new IngressRoute(mesh, 'shop', { tls: 'all', ingressClass: 'outside', createClass: false }).route(service('web'));
    expect(spec('Ingress', 'shop')).toEqual({ ingressClassName: 'outside', tls: [{ secretName: 'all' }], rules: [{ http: { paths: [path('web', '/')] } }] });
  });

  test('comes with the proxies that Istio would bring, once', () => {
    // GIVEN
    const { mesh, service, one, all } = createWorld();

    // WHEN
    ['one', 'two'].forEach((id) => new IngressRoute(mesh, id).route(service(`${id}-web`)));

    // THEN
    const labels = { app: 'istio-ingressgateway', istio: 'ingressgateway' };
    expect(one('Deployment', 'istio-ingressgateway')).toMatchObject({ metadata: { namespace: 'istio-system', labels }, spec: { template: { metadata: { labels } } } });
    expect(one('Service', 'istio-ingressgateway').spec.ports.map(({ port }: { port: number }) => port)).toEqual([15021, 80, 443]);
    expect(all('IngressClass')).toHaveLength(1);
  });

  test('leaves them to an Istio that is there', () => {
    const { mesh, service, all } = createWorld({ runtime: MeshRuntime.istio() });
    new IngressRoute(mesh, 'shop').route(service('web'));
    expect(all('Deployment').map(({ metadata }) => metadata.name)).toEqual(['web-v1', 'web-v2']);
  });

  test('has nothing to do with rules that are about callers in the mesh', () => {
    const { mesh, service, chart } = createWorld();
    const web = service('web');
    web.route({ from: [service('cart')], to: 'v2' });
    new IngressRoute(mesh, 'shop').route(web);
    expect(() => synth(chart)).not.toThrow();
  });

  test('types say what it cannot express', () => {
    const { mesh, service } = createWorld();
    const ingress = new IngressRoute(mesh, 'shop');
    // @ts-expect-error an Ingress asks for no headers
    expect(() => ingress.route(service('a'), { headers: [Header.exact('a', 'b')] })).not.toThrow();
    // @ts-expect-error an Ingress rewrites nothing
    expect(() => ingress.route(service('b'), { path: Path.exact('/b'), rewrite: { path: '/' } })).not.toThrow();
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['a path is a regex', ({ mesh, service }) => new IngressRoute(mesh, 'x').route(service('a'), { path: Path.regex('/[ab]') }), 'an Ingress cannot express regular expressions for paths'],
      ['a host is outside', ({ mesh }) => new IngressRoute(mesh, 'x').route(new ExternalService(mesh, 'a', { host: 'a.example.com', port: 80 })), 'an Ingress cannot express hosts outside the mesh'],
      ['there is a route for another host', ({ mesh, service }) => new IngressRoute(mesh, 'x').route(service('a'), { host: 'a.example.com' }), 'it answers for every host alike'],
      ['two routes have one path', ({ mesh, service }) => new IngressRoute(mesh, 'x').route(service('a')).route(service('b')), 'two routes for Prefix /: to a and to b'],
      ['a certificate is for another host', ({ mesh }) => new IngressRoute(mesh, 'x', { tls: { 'a.example.com': 'a' } }), 'tls names a.example.com'],
      ['a service has no port for requests', ({ mesh }) => new IngressRoute(mesh, 'x').route(new MeshService(mesh, 'db', { port: Port.tcp(1), versions: { v1: { image: 'x' } } })), 'db has no HTTP port'],
    ];

    test.each(failures)('%s', (_when, act, message) => {
      expect(() => act(createWorld())).toThrow(message);
      expect(() => act(createWorld())).toThrow(MeshError);
    });

    test('a service is in another namespace', () => {
      const app = new App();
      const mesh = new Mesh(new Chart(app, 'a', { namespace: 'a' }), 'mesh');
      const far = new MeshService(new Chart(app, 'b', { namespace: 'b' }), 'far', { mesh, port: 80, versions: { v1: { image: 'x' } } });
      expect(() => new IngressRoute(mesh, 'x').route(far)).toThrow('an Ingress cannot express far, which is in namespace b');
    });

    test('a service has rules that would not hold, which shows at synth', () => {
      const { mesh, service, chart } = createWorld();
      const web = service('web');
      new IngressRoute(mesh, 'x').route(web);
      new CanaryRoute(mesh, 'canary', { service: web, stable: 'v1', canary: 'v2', weight: 10 });
      expect(() => synth(chart)).toThrow('an Ingress cannot express route to v1 90 and v2 10 of chart/mesh/canary');
    });

    test('it leads nowhere, which shows at synth', () => {
      const { mesh, chart } = createWorld();
      new IngressRoute(mesh, 'x');
      expect(() => synth(chart)).toThrow('Ingress x leads nowhere');
    });
  });
});
