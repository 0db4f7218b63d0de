import { App, Chart, Duration } from 'cdk8s';
import { CanaryRoute, CircuitBreaker, ExternalService, Gateway, GatewayApi, Header, Mesh, MeshService, Path, Port, Query, type GatewayProps } from '../src';
import { createWorld, synth } from './world';

const api = GatewayApi.KUBERNETES;
const backend = (name: string, port = 80) => ({ name, port });

/** A world with a gateway of the Gateway API for one host. */
function createEdge(props: GatewayProps = {}) {
  const world = createWorld();
  return { ...world, edge: new Gateway(world.mesh, 'edge', { host: 'shop.example.com', api, ...props }) };
}

describe('routes of a Gateway in the Gateway API', () => {
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
});
