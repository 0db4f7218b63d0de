import { Gateway, MeshError, MeshService, Path, Port, Tls } from '../src';
import { createWorld, hostOf, synth } from './world';

const at = (name: string, subset?: string) => [{ destination: { host: hostOf(name), port: { number: 80 }, ...(subset && { subset }) } }];

describe('Gateway', () => {
  test('writes its proxies and listens for HTTP on port 80', () => {
    // GIVEN
    const { mesh, one, spec } = createWorld();

    // WHEN
    new Gateway(mesh, 'edge', { host: 'shop.example.com', replicas: 2 });

    // THEN
    const labels = { app: 'edge', istio: 'edge' };
    expect(spec('Gateway', 'edge')).toEqual({ selector: labels, servers: [{ hosts: ['shop.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' } }] });
    expect(one('Service', 'edge')).toMatchObject({
      metadata: { namespace: 'shop', labels },
      spec: {
        type: 'LoadBalancer',
        selector: labels,
        ports: [{ name: 'status-port', port: 15021, targetPort: 15021 }, { name: 'http', port: 80, targetPort: 80, appProtocol: 'http' }],
      },
    });
    const { replicas, template } = spec('Deployment', 'edge');
    expect(replicas).toBe(2);
    expect(template.metadata.labels).toMatchObject(labels);
    expect(template.spec).toMatchObject({
      serviceAccountName: 'edge',
      securityContext: { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] },
      containers: [{ name: 'istio-proxy', args: expect.arrayContaining(['agent', 'router']), ports: expect.arrayContaining([{ name: 'http', containerPort: 80 }]) }],
    });
    expect(one('ServiceAccount', 'edge').metadata.labels).toEqual(labels);
  });

  test('ends TLS and sends HTTP there', () => {
    // GIVEN
    const { mesh, spec } = createWorld();

    // WHEN
    new Gateway(mesh, 'edge', { hosts: ['shop.example.com', '*.shop.example.com'], tls: Tls.simple('shop-certificate', { minVersion: '1.3' }), redirectHttp: true });

    // THEN
    const hosts = ['shop.example.com', '*.shop.example.com'];
    expect(spec('Gateway', 'edge').servers).toEqual([
      { hosts, port: { name: 'http', number: 80, protocol: 'HTTP' }, tls: { httpsRedirect: true } },
      { hosts, port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'shop-certificate', minProtocolVersion: 'TLSV1_3' } },
    ]);
  });

  test('shows each host its own certificate', () => {
    const { mesh, spec } = createWorld();
    new Gateway(mesh, 'edge', { hosts: ['a.example.com', 'b.example.com'], tls: { 'a.example.com': Tls.simple('a'), 'b.example.com': Tls.mutual('b') } });
    expect(spec('Gateway', 'edge').servers.slice(1)).toEqual([
      { hosts: ['a.example.com'], port: { name: 'https-a-example-com', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'a' } },
      { hosts: ['b.example.com'], port: { name: 'https-b-example-com', number: 443, protocol: 'HTTPS' }, tls: { mode: 'MUTUAL', credentialName: 'b' } },
    ]);
  });

  test('opens ports for connections', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const echo = new MeshService(mesh, 'echo', { port: Port.tcp(9000), versions: { v1: { image: 'x' }, v2: { image: 'x' } } });
    echo.route({ to: { v1: 80, v2: 20 } });

    // WHEN
    new Gateway(mesh, 'edge').tcp(31400, echo);

    // THEN
    expect(spec('Gateway', 'edge').servers).toEqual([{ hosts: ['*'], port: { name: 'tcp-31400', number: 31400, protocol: 'TCP' } }]);
    expect(spec('Service', 'edge').ports[1]).toEqual({ name: 'tcp-31400', port: 31400, targetPort: 31400, appProtocol: 'tcp' });
    const destination = { host: hostOf('echo'), port: { number: 9000 } };
    expect(spec('VirtualService', 'edge-tcp')).toEqual({
      hosts: ['*'],
      gateways: ['shop/edge'],
      tcp: [{
        match: [{ port: 31400 }],
        route: [{ destination: { ...destination, subset: 'v1' }, weight: 80 }, { destination: { ...destination, subset: 'v2' }, weight: 20 }],
      }],
    });
  });

  test('lets TLS through by the name of the server, beside certificates of its own', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const bank = new MeshService(mesh, 'bank', { port: [8080, Port.https(8443)], versions: { v1: { image: 'x' } } });

    // WHEN
    const edge = new Gateway(mesh, 'edge', { hosts: ['a.example.com', 'bank.example.com'], tls: { 'a.example.com': Tls.simple('a'), 'bank.example.com': Tls.passthrough() } });
    edge.route(service('web'), { host: 'a.example.com' }).tls(443, bank, { hosts: ['bank.example.com'] }).tls(8443, bank);

    // THEN
    const hosts = ['a.example.com', 'bank.example.com'];
    const tls = { mode: 'PASSTHROUGH' };
    expect(spec('Gateway', 'edge').servers.slice(1)).toEqual([
      { hosts: ['a.example.com'], port: { name: 'https-a-example-com', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'a' } },
      { hosts: ['bank.example.com'], port: { name: 'tls', number: 443, protocol: 'TLS' }, tls },
      { hosts, port: { name: 'tls-8443', number: 8443, protocol: 'TLS' }, tls },
    ]);
    const route = [{ destination: { host: hostOf('bank'), port: { number: 8443 } } }];
    expect(spec('VirtualService', 'edge-tls')).toEqual({
      hosts: ['bank.example.com', 'a.example.com'],
      gateways: ['shop/edge'],
      tls: [{ match: [{ port: 443, sniHosts: ['bank.example.com'] }], route }, { match: [{ port: 8443, sniHosts: hosts }], route }],
    });
    expect(spec('Service', 'edge').ports.slice(1).map(({ port, appProtocol }: { port: number; appProtocol: string }) => [port, appProtocol])).toEqual([[80, 'http'], [443, 'https'], [8443, 'tls']]);
  });

  test('ends TLS of connections, and reads MongoDB', () => {
    const { mesh, spec } = createWorld();
    const db = new MeshService(mesh, 'db', { port: Port.mongo(27017), versions: { v1: { image: 'x' } } });
    new Gateway(mesh, 'edge').tcp(27017, db).tcp(27018, db, { tls: Tls.simple('db') });
    expect(spec('Gateway', 'edge').servers).toEqual([
      { hosts: ['*'], port: { name: 'mongo-27017', number: 27017, protocol: 'MONGO' } },
      { hosts: ['*'], port: { name: 'mongo-27018', number: 27018, protocol: 'TLS' }, tls: { mode: 'SIMPLE', credentialName: 'db' } },
    ]);
  });

  test('knows what stands before it, and what its Service is like', () => {
    // GIVEN
    const { mesh, spec, one } = createWorld();

    // WHEN
    new Gateway(mesh, 'edge', {
      host: 'a.example.com', tls: Tls.simple('a'), numTrustedProxies: 2, proxyProtocol: true, forwardClientCertificate: 'APPEND_FORWARD', connectionProfile: 'EDGE',
      serviceType: 'NodePort', nodePorts: { 80: 30080 }, serviceAnnotations: { 'example.com/lb': 'internal' }, http3: true,
    });

    // THEN
    expect(JSON.parse(spec('Deployment', 'edge').template.metadata.annotations['proxy.istio.io/config'])).toEqual({
      gatewayTopology: { numTrustedProxies: 2, proxyProtocol: {}, forwardClientCertDetails: 'APPEND_FORWARD' }, connectionSettings: { profile: 'EDGE' },
    });
    expect(one('Service', 'edge').metadata.annotations).toEqual({ 'example.com/lb': 'internal' });
    expect(spec('Service', 'edge').ports.slice(1)).toEqual([
      { name: 'http', port: 80, targetPort: 80, appProtocol: 'http', nodePort: 30080 },
      { name: 'https', port: 443, targetPort: 443, appProtocol: 'https' },
      { name: 'http3', port: 443, targetPort: 443, protocol: 'UDP' },
    ]);
  });

  test('stands on proxies that somebody else runs', () => {
    // GIVEN
    const { mesh, service, spec, all } = createWorld();

    // WHEN
    Gateway.fromSelector(mesh, 'edge', { selector: { istio: 'ingressgateway' }, host: 'a.example.com' }).route(service('web'));

    // THEN
    expect(spec('Gateway', 'edge')).toEqual({ selector: { istio: 'ingressgateway' }, servers: [{ hosts: ['a.example.com'], port: { name: 'http', number: 80, protocol: 'HTTP' } }] });
    expect(spec('VirtualService', 'edge')).toEqual({ hosts: ['a.example.com'], gateways: ['shop/edge'], http: [{ route: at('web') }] });
    expect(all('Deployment').map(({ metadata }) => metadata.name)).not.toContain('edge');
  });

  test('adds routes to a Gateway that somebody else writes', () => {
    // GIVEN
    const { mesh, service, one, all } = createWorld();

    // WHEN
    const edge = Gateway.fromName(mesh, 'public', { namespace: 'istio-system', hosts: ['a.example.com'] }).route(service('web'));

    // THEN
    expect(one('VirtualService', 'public')).toMatchObject({ metadata: { namespace: 'shop' }, spec: { hosts: ['a.example.com'], gateways: ['istio-system/public'] } });
    expect(all('Gateway')).toEqual([]);
    expect(() => edge.gateway).toThrow('Gateway istio-system/public is written elsewhere');
  });

  test('answers for a host at several gateways that have proxies of their own', () => {
    const { mesh, all } = createWorld();
    ['inside', 'outside'].forEach((id) => new Gateway(mesh, id, { host: '*' }));
    expect(all('Gateway').map(({ spec: { selector } }) => selector.istio)).toEqual(['inside', 'outside']);
  });

  describe('fails when', () => {
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['another gateway on the same proxies answers for its host', ({ mesh }) => ['one', 'two'].map((id) => Gateway.fromSelector(mesh, id, { selector: { istio: 'ingressgateway' }, host: 'a.example.com' })),
        'two: host a.example.com is already answered for by chart/mesh/one'],
      ['there is a route but no host', ({ mesh, service }) => new Gateway(mesh, 'edge').route(service('a')), 'there is a route, but the gateway answers for no host'],
      ['there is a route for another host', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(service('a'), { host: 'b.example.com' }),
        'there is a route for b.example.com, but the gateway answers for a.example.com'],
      ['there is a route but no port for requests', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com', ports: [] }).route(service('a')), 'the gateway has no port for requests'],
      ['a port is opened twice', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).tcp(80, service('a')), 'port 80 is already used for requests'],
      ['a host is none', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'http://a.example.com' }), '"http://a.example.com" is no host name'],
      ['HTTP is redirected to nothing', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'a.example.com', redirectHttp: true }), 'redirectHttp needs HTTPS to redirect to'],
      ['HTTPS has no certificate', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'a.example.com', ports: [Port.https(443)] }), 'port 443 speaks HTTPS, but there is no certificate'],
      ['a certificate is for another host', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'a.example.com', tls: { 'b.example.com': Tls.simple('b') } }), 'tls names b.example.com'],
      ['TLS goes through and there is a route for requests', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com', tls: Tls.passthrough() }).route(service('a')), 'TLS that goes through has no requests: use `tls`'],
      ['TLS for a host goes to two services', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).tls(443, service('a')).tls(443, service('b')), 'port 443 is already used for a.example.com and another service'],
      ['TLS for a host is ended and goes through', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com', tls: Tls.simple('a') }).tls(443, service('a')), 'port 443 is already used for a.example.com with a certificate of the gateway'],
      ['TLS is for no host', ({ mesh, service }) => new Gateway(mesh, 'edge').tls(443, service('a')), 'there is TLS for no host'],
      ['a gRPC method is of no service', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).grpc(service('a'), { grpcMethod: 'Get' }), 'grpcMethod Get is of no service'],
      ['a selector is empty', ({ mesh }) => Gateway.fromSelector(mesh, 'edge', { selector: {} }), 'has an empty `selector`'],
      ['a Service without node ports has some', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'a.example.com', serviceType: 'ClusterIP', nodePorts: { 80: 30080 } }), 'a Service of type ClusterIP has no node ports'],
      ['a negative number of proxies is trusted', ({ mesh }) => new Gateway(mesh, 'edge', { numTrustedProxies: -1 }), 'numTrustedProxies must be a whole number'],
      ['two routes take everything', ({ mesh, service }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(service('a')).route(service('b')),
        'two rules without a condition: chart/mesh/edge (route to a) and chart/mesh/edge (route to b)'],
      ['a service has no port for requests', ({ mesh }) => new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(new MeshService(mesh, 'echo', { port: Port.tcp(9000), versions: { v1: { image: 'x' } } })),
        'echo has no HTTP port; it has tcp 9000'],
    ];

    test.each(failures)('%s', (_when, act, message) => {
      expect(() => act(createWorld())).toThrow(message);
      expect(() => act(createWorld())).toThrow(MeshError);
    });

    test('TLS goes through to nobody, which shows at synth', () => {
      const { chart, mesh } = createWorld();
      new Gateway(mesh, 'edge', { host: 'a.example.com', tls: Tls.passthrough() });
      expect(() => synth(chart)).toThrow('Gateway edge lets TLS for a.example.com through to nobody');
    });

    test('a port without a listener gets a node port, which shows at synth', () => {
      const { chart, mesh } = createWorld();
      new Gateway(mesh, 'edge', { host: 'a.example.com', nodePorts: { 81: 30080 } });
      expect(() => synth(chart)).toThrow('nodePorts names port 81, which the gateway does not open');
    });

    test('the service asks for a regex behind a prefix, which shows at synth', () => {
      const { chart, mesh, service } = createWorld();
      const a = service('a').route({ match: { path: Path.regex('/[ab]/.*') }, to: 'v1' });
      new Gateway(mesh, 'edge', { host: 'a.example.com' }).route(a, { path: Path.prefix('/a') });
      expect(() => synth(chart)).toThrow(/\[chart\/mesh\/edge\/virtual-service\] edge: its route and route to v1 of chart\/mesh\/a ask for two things of path, .*\n {4}chart\/mesh\/edge, gateway\.test\.ts:\d+\n/);
    });
  });
});
