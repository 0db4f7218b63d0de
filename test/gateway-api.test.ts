import { App, Chart, Duration } from 'cdk8s';
import {
  CanaryRoute, CircuitBreaker, Cookie, ExternalService, FaultInjection, Gateway, GatewayApi, Header, Mesh, MeshError, MeshService, Path, Port, Query, Tls, type GatewayProps,
  type GatewayRoute,
} from '../src';
import { createWorld, synth } from './world';

const api = GatewayApi.KUBERNETES;
const backend = (name: string, port = 80) => ({ name, port });

/** A world with a gateway of the Gateway API for one host. */
function createEdge(props: GatewayProps = {}) {
  const world = createWorld();
  return { ...world, edge: new Gateway(world.mesh, 'edge', { host: 'shop.example.com', api, ...props }) };
}

describe('Gateway in the Gateway API', () => {
  test('is deployed by its class, with a listener for each host', () => {
    // GIVEN
    const { spec, all } = createEdge({ host: undefined, hosts: ['*', '*.shop.example.com'] });

    // THEN
    expect(spec('Gateway', 'edge')).toEqual({
      gatewayClassName: 'istio',
      listeners: [
        { name: 'http-wildcard', port: 80, protocol: 'HTTP' },
        { name: 'http-wildcard-shop-example-com', port: 80, protocol: 'HTTP', hostname: '*.shop.example.com' },
      ],
    });
    expect([...all('Deployment'), ...all('Service')].map(({ metadata }) => metadata.name)).not.toContain('edge');
  });

  test('fails when the name of what is deployed for it is too long', () => {
    // GIVEN
    const { mesh } = createWorld();

    // THEN
    expect(() => new Gateway(mesh, 'a'.repeat(57), { api })).not.toThrow();
    expect(() => new Gateway(mesh, 'b'.repeat(58), { api })).toThrow('has 64 characters');
    expect(() => new Gateway(mesh, 'c'.repeat(58), { api, gatewayClass: 'own' })).not.toThrow();
    expect(() => new Gateway(mesh, 'd'.repeat(58))).not.toThrow();
  });

  test('says what its Service and its proxies are like', () => {
    // GIVEN
    const { one, spec } = createEdge({
      serviceType: 'NodePort', nodePorts: { 80: 30080 }, replicas: 2, serviceAnnotations: { 'example.com/lb': 'internal' }, numTrustedProxies: 1, gatewayClass: 'ours',
    });

    // THEN
    expect(one('Gateway', 'edge').metadata.annotations).toEqual({ 'networking.istio.io/service-type': 'NodePort' });
    expect(spec('Gateway', 'edge')).toMatchObject({
      gatewayClassName: 'ours',
      infrastructure: {
        annotations: { 'example.com/lb': 'internal', 'proxy.istio.io/config': '{"gatewayTopology":{"numTrustedProxies":1}}' },
        parametersRef: { group: '', kind: 'ConfigMap', name: 'edge-parameters' },
      },
    });
    expect(one('ConfigMap', 'edge-parameters')).toMatchObject({
      data: { deployment: '{"spec":{"replicas":2}}', service: '{"spec":{"ports":[{"port":80,"nodePort":30080}]}}' },
    });
  });

  test('ends TLS with Secrets, and sends HTTP there', () => {
    // GIVEN
    const { edge, service, spec } = createEdge({
      host: undefined, hosts: ['a.example.com', 'b.example.com'], redirectHttp: true,
      tls: { 'a.example.com': Tls.simple(['rsa', 'ecdsa']), 'b.example.com': Tls.mutual('b', { cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256'] }) },
    });

    // WHEN
    edge.route(service('web'));

    // THEN
    const secret = (name: string) => ({ kind: 'Secret', name });
    expect(spec('Gateway', 'edge').listeners.slice(2)).toEqual([
      { name: 'https-a-example-com', port: 443, protocol: 'HTTPS', hostname: 'a.example.com', tls: { mode: 'Terminate', certificateRefs: [secret('rsa'), secret('ecdsa')] } },
      {
        name: 'https-b-example-com', port: 443, protocol: 'HTTPS', hostname: 'b.example.com',
        tls: {
          mode: 'Terminate', certificateRefs: [secret('b')],
          options: { 'gateway.istio.io/tls-terminate-mode': 'MUTUAL', 'gateway.istio.io/tls-cipher-suites': 'ECDHE-RSA-AES128-GCM-SHA256' },
        },
      },
    ]);
    const hostnames = ['a.example.com', 'b.example.com'];
    expect(spec('HTTPRoute', 'edge-redirect')).toEqual({
      parentRefs: [{ name: 'edge', sectionName: 'http-a-example-com' }, { name: 'edge', sectionName: 'http-b-example-com' }],
      hostnames,
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }],
    });
    expect(spec('HTTPRoute', 'edge')).toEqual({
      parentRefs: [{ name: 'edge', sectionName: 'https-a-example-com' }, { name: 'edge', sectionName: 'https-b-example-com' }],
      hostnames,
      rules: [{ backendRefs: [backend('web')] }],
    });
  });

  test('writes routes, with whatever can be said of requests', () => {
    // GIVEN
    const { edge, service, spec } = createEdge();
    const beta = { path: [Path.prefix('/beta/'), Path.exact('/b')], headers: [Header.exact('a', 'b'), Header.prefix('c', 'd.')], query: [Query.exact('q', 'r')], method: 'POST' };

    // WHEN
    edge.route(service('web'));
    edge.route(service('beta'), {
      ...beta, timeout: Duration.millis(1500),
      changeHeaders: { request: { set: { x: '1' }, remove: ['y'] }, response: { add: { z: '2' } } },
      cors: { origins: ['https://a.example.com'], methods: ['GET'], maxAge: Duration.hours(1), credentials: true },
    });

    // THEN
    const others = { headers: [{ name: 'a', type: 'Exact', value: 'b' }, { name: 'c', type: 'RegularExpression', value: 'd\\..*' }], queryParams: [{ name: 'q', type: 'Exact', value: 'r' }], method: 'POST' };
    expect(spec('HTTPRoute', 'edge')).toEqual({
      parentRefs: [{ name: 'edge' }],
      hostnames: ['shop.example.com'],
      rules: [
        {
          matches: [{ path: { type: 'Exact', value: '/b' }, ...others }, { path: { type: 'PathPrefix', value: '/beta' }, ...others }],
          timeouts: { request: '1500ms' },
          filters: [
            { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x', value: '1' }], remove: ['y'] } },
            { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'z', value: '2' }] } },
            { type: 'CORS', cors: { allowOrigins: ['https://a.example.com'], allowMethods: ['GET'], maxAge: 3600, allowCredentials: true } },
          ],
          backendRefs: [backend('beta')],
        },
        { backendRefs: [backend('web')] },
      ],
    });
  });

  test('rewrites and redirects', () => {
    // GIVEN
    const { edge, service, spec } = createEdge();

    // WHEN
    edge.route(service('cart'), { path: Path.prefix('/cart'), rewrite: { prefix: '/', host: 'cart.internal' } });
    edge.route(service('page'), { path: Path.exact('/page'), rewrite: { path: '/index.html' } });
    edge.redirect({ path: Path.exact('/') }, { path: '/home', scheme: 'https', port: 8443, code: 307 });

    // THEN
    const rewrite = (path: object) => [{ type: 'URLRewrite', urlRewrite: path }];
    expect(spec('HTTPRoute', 'edge').rules).toEqual([
      { matches: [{ path: { type: 'Exact', value: '/cart' } }], filters: rewrite({ hostname: 'cart.internal', path: { type: 'ReplaceFullPath', replaceFullPath: '/' } }), backendRefs: [backend('cart')] },
      { matches: [{ path: { type: 'Exact', value: '/page' } }], filters: rewrite({ path: { type: 'ReplaceFullPath', replaceFullPath: '/index.html' } }), backendRefs: [backend('page')] },
      {
        matches: [{ path: { type: 'Exact', value: '/' } }],
        filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', port: 8443, path: { type: 'ReplaceFullPath', replaceFullPath: '/home' }, statusCode: 307 } }],
      },
      { matches: [{ path: { type: 'PathPrefix', value: '/cart' } }], filters: rewrite({ hostname: 'cart.internal', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }), backendRefs: [backend('cart')] },
    ]);
  });

  test('names versions by Services of their own, for which policies hold too', () => {
    // GIVEN
    const { mesh, edge, service, spec, one } = createEdge({ versionServices: true });
    const cart = service('cart');
    edge.route(cart);

    // WHEN
    new CanaryRoute(mesh, 'canary', { service: cart, stable: 'v1', canary: 'v2', weight: 10 });
    new CircuitBreaker(mesh, 'breaker', { service: cart, version: 'v2', maxConnections: 1 });

    // THEN
    expect(spec('HTTPRoute', 'edge').rules).toEqual([{ backendRefs: [{ ...backend('cart-v1'), weight: 90 }, { ...backend('cart-v2'), weight: 10 }] }]);
    expect(one('Service', 'cart-v2')).toMatchObject({
      metadata: { namespace: 'shop' }, spec: { selector: { app: 'cart', version: 'v2' }, ports: [{ name: 'http', port: 80, targetPort: 80, appProtocol: 'http' }] },
    });
    expect(spec('DestinationRule', 'cart-v2')).toEqual({ host: 'cart-v2.shop.svc.cluster.local', trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } });
    expect(spec('DestinationRule', 'cart-v1')).toEqual({ host: 'cart-v1.shop.svc.cluster.local' });
  });

  test('writes no policies for versions where there are none', () => {
    const { edge, service, all } = createEdge({ versionServices: true });
    edge.route(service('cart'));
    expect(all('DestinationRule').map(({ metadata }) => metadata.name)).toEqual(['cart']);
  });

  test('asks services of other namespaces to grant it, and knows external services by host', () => {
    // GIVEN
    const app = new App();
    const mesh = new Mesh(new Chart(app, 'platform', { namespace: 'platform' }), 'mesh');
    const shop = new Chart(app, 'shop', { namespace: 'shop' });
    const cart = new MeshService(shop, 'cart', { mesh, port: 80, versions: { v1: { image: 'x' } } });
    const edge = new Gateway(mesh, 'edge', { host: 'a.example.com', api });

    // WHEN
    edge.route(cart).route(new ExternalService(mesh, 'old', { host: 'old.example.com', port: 80 }), { path: Path.prefix('/old') });

    // THEN
    const printed = [mesh.node.scope as Chart, shop].flatMap(synth);
    const found = (kind: string) => printed.filter((object) => object.kind === kind);
    expect(found('HTTPRoute')[0].spec.rules.map(({ backendRefs }: { backendRefs: object }) => backendRefs)).toEqual([
      [{ group: 'networking.istio.io', kind: 'Hostname', name: 'old.example.com', port: 80 }], [{ name: 'cart', namespace: 'shop', port: 80 }],
    ]);
    expect(found('ReferenceGrant')).toMatchObject([{
      metadata: { namespace: 'shop' },
      spec: { from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'platform' }], to: [{ group: '', kind: 'Service', name: 'cart' }] },
    }]);
  });

  test('carries gRPC, connections and TLS that goes through', () => {
    // GIVEN
    const { mesh, edge, spec } = createEdge({ ports: [Port.grpc(9090)] });
    const stock = new MeshService(mesh, 'stock', { port: [Port.grpc(9000), Port.tcp(9001), Port.tls(9443)], versions: { v1: { image: 'x' }, v2: { image: 'x' } } });

    // WHEN
    edge.grpc(stock, { grpcService: 'shop.Stock', headers: [Header.exact('a', 'b')] }).grpc(stock, { grpcService: 'shop.Stock', grpcMethod: 'Take' });
    edge.tcp(31400, stock, { servicePort: 9001 }).tls(443, stock);

    // THEN
    expect(spec('Gateway', 'edge').listeners).toEqual([
      { name: 'grpc', port: 9090, protocol: 'HTTP', hostname: 'shop.example.com' },
      { name: 'tls', port: 443, protocol: 'TLS', hostname: 'shop.example.com', tls: { mode: 'Passthrough' } },
      { name: 'tcp-31400', port: 31400, protocol: 'TCP' },
    ]);
    expect(spec('GRPCRoute', 'edge')).toEqual({
      parentRefs: [{ name: 'edge' }],
      hostnames: ['shop.example.com'],
      rules: [
        { matches: [{ method: { type: 'Exact', service: 'shop.Stock', method: 'Take' } }], backendRefs: [backend('stock', 9000)] },
        { matches: [{ method: { type: 'Exact', service: 'shop.Stock' }, headers: [{ name: 'a', type: 'Exact', value: 'b' }] }], backendRefs: [backend('stock', 9000)] },
      ],
    });
    expect(spec('TCPRoute', 'edge-tcp-31400')).toEqual({ parentRefs: [{ name: 'edge', sectionName: 'tcp-31400' }], rules: [{ backendRefs: [backend('stock', 9001)] }] });
    expect(spec('TLSRoute', 'edge-tls-443-shop-example-com')).toEqual({
      parentRefs: [{ name: 'edge', sectionName: 'tls' }], hostnames: ['shop.example.com'], rules: [{ backendRefs: [backend('stock', 9443)] }],
    });
  });

  test('adds routes to a Gateway that somebody else writes', () => {
    const { mesh, service, one } = createWorld();
    const edge = Gateway.fromName(mesh, 'public', { namespace: 'platform', hosts: ['a.example.com'], api }).route(service('web')).tcp(9000, service('echo'));
    expect(one('HTTPRoute', 'public')).toMatchObject({ metadata: { namespace: 'shop' }, spec: { parentRefs: [{ name: 'public', namespace: 'platform' }], hostnames: ['a.example.com'] } });
    expect(one('TCPRoute', 'public-tcp-9000').spec.parentRefs).toEqual([{ name: 'public', namespace: 'platform', port: 9000 }]);
    expect(edge.routeObject.kind).toBe('HTTPRoute');
    expect(() => edge.virtualService).toThrow('has no VirtualService in the Gateway API');
  });

  test('asks regexes before what takes everything', () => {
    const { edge, service, chart } = createEdge();
    edge.route(service('a'), { path: Path.regex('/a/[0-9]+'), headers: [Header.regex('b', 'c+')], cookies: [Cookie.exact('d', 'e')] }).route(service('web'));
    expect(() => synth(chart)).not.toThrow();
  });

  describe('says at synth that it cannot express', () => {
    type World = ReturnType<typeof createEdge>;
    const route = (props: GatewayRoute) => ({ edge, service }: World) => edge.route(service('cart'), props);
    const failures: [string, (world: World) => unknown, string][] = [
      ['versions without Services', ({ mesh, edge, service }) => {
        const cart = service('cart');
        edge.route(cart);
        new CanaryRoute(mesh, 'canary', { service: cart, stable: 'v1', canary: 'v2', weight: 10 });
      }, '`route.destination.subset` of a route: version v1 of cart'],
      ['faults', ({ mesh, edge, service }) => {
        const cart = service('cart');
        edge.route(cart);
        new FaultInjection(mesh, 'fault', { service: cart, abort: { status: 500, percent: 1 } });
      }, '`fault` of a route'],
      ['retries', route({ retries: { attempts: 3 } }), '`retries` of a route'],
      ['a header that is not there', route({ headers: [Header.absent('a')] }), '`match.withoutHeaders` of a route'],
      ['the port', route({ port: 80 }), '`match.port` of a route'],
      ['a regex before a prefix', ({ edge, service }) => edge.route(service('a'), { path: Path.regex('/a/[0-9]+/b') }).route(service('b'), { path: Path.prefix('/a') }),
        'the Gateway API would ask for path prefix /a before path regex /a/[0-9]+/b'],
      ['gRPC with a timeout', ({ edge, service }) => edge.grpc(service('a'), { timeout: Duration.seconds(1) }), '`timeout` of a route'],
      ['gRPC with a query', ({ edge, service }) => edge.grpc(service('a'), { query: [Query.exact('a', 'b')] }), '`match.queryParams` of a route'],
    ];

    test.each(failures)('%s', (_what, act, message) => {
      const world = createEdge();
      act(world);
      expect(() => synth(world.chart)).toThrow(message);
      expect(() => synth(world.chart)).toThrow('chart/mesh/edge, gateway-api.test.ts');
    });

    const settings: [string, Tls, string][] = [
      ['versions of TLS', Tls.simple('a', { minVersion: '1.3' }), '`tls.minVersion`'],
      ['files', Tls.simple({ certificate: '/a', privateKey: '/b' }), 'certificates that are files'],
      ['names of clients', Tls.mutual('a', { subjectAltNames: ['a'] }), '`tls.subjectAltNames`'],
    ];

    test.each(settings)('%s', (_what, tls, message) => expect(() => synth(createEdge({ tls }).chart)).toThrow(`the Gateway API cannot express ${message}`));
  });

  describe('says at once that it cannot express', () => {
    test('proxies of somebody else', () => {
      const { mesh } = createWorld();
      expect(() => Gateway.fromSelector(mesh, 'edge', { selector: { istio: 'ingressgateway' }, api } as never)).toThrow('the Gateway API cannot express `selector`');
    });

    test('HTTP/3', () => expect(() => createEdge({ http3: true })).toThrow('the Gateway API cannot express `http3`'));

    test('gRPC and HTTP of the same hosts', () => {
      const { edge, service } = createEdge();
      edge.route(service('a'));
      expect(() => edge.grpc(service('b'), { grpcService: 'b' })).toThrow(MeshError);
    });

    test('versions of services of other repositories', () => {
      const { mesh, edge } = createEdge({ versionServices: true });
      expect(() => edge.route(MeshService.fromName(mesh, 'other', { port: 80, versions: ['v1'] }))).toThrow('belongs to another repository, and so would Services for its versions');
    });

    test('TLS for every host', () => {
      const { edge, service } = createEdge({ host: '*' });
      expect(() => edge.tls(443, service('a'))).toThrow('the Gateway API cannot express TLS for every host');
    });
  });
});
