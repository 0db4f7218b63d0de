import { Duration } from 'cdk8s';
import { CanaryRoute, Cookie, FaultInjection, Gateway, GatewayApi, Header, MeshError, MeshService, Path, Query, Tls, type GatewayProps, type GatewayRoute } from '../src';
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
      serviceType: 'NodePort', nodePorts: { 80: 30080 }, replicas: 2, serviceAnnotations: { 'example.com/lb': 'internal' }, numTrustedProxies: 1, connectionProfile: 'EDGE', gatewayClass: 'ours',
    });

    // THEN
    expect(one('Gateway', 'edge').metadata.annotations).toEqual({ 'networking.istio.io/service-type': 'NodePort' });
    expect(spec('Gateway', 'edge')).toMatchObject({
      gatewayClassName: 'ours',
      infrastructure: {
        annotations: { 'example.com/lb': 'internal', 'proxy.istio.io/config': '{"gatewayTopology":{"numTrustedProxies":1},"connectionSettings":{"profile":"EDGE"}}' },
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
