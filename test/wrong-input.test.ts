import { App, Chart, Duration } from 'cdk8s';
import {
  CanaryRoute, Cookie, EgressGateway, ExternalAuthorizer, ExternalService, FaultInjection, Gateway, Header, Mesh, MeshError, MeshRuntime, MeshService, Mtls, Path, Port, Query, Tls,
  type MeshServiceProps, type RouteRule,
} from '../src';
import { createWorld } from './world';

type World = ReturnType<typeof createWorld>;
type Wrong = readonly [what: string, act: (world: World) => unknown, problem: string];

const rule = (given: RouteRule<'v1' | 'v2'>) => ({ service }: World) => service('a').route(given);
const service = (given: Partial<MeshServiceProps<string>>, name = 'a') => ({ mesh }: World) =>
  new MeshService(mesh, name, { port: 80, versions: { v1: { image: 'a:1' } }, ...given });
const external = (given: object) => ({ mesh }: World) => new ExternalService(mesh, 'x', { host: 'a.example.com', port: 80, ...given });
const gateway = (given: object) => ({ mesh }: World) => new Gateway(mesh, 'edge', { host: 'a.example.com', ...given });

function fails(name: string, list: readonly Wrong[]): void {
  describe(`fails when ${name}`, () => {
    test.each(list)('%s', (_what, act, problem) => {
      const world = createWorld();
      expect(() => act(world)).toThrow(problem);
      expect(() => act(createWorld())).toThrow(MeshError);
    });
  });
}

fails('a rule', [
  ['is for a port that the service does not have', rule({ match: { port: 1234 }, to: 'v1' }), 'route to v1 can never match: a has no port 1234; it has http 80'],
  ['has no match in its list', rule({ match: [], to: 'v1' }), '`match` is an empty list'],
  ['has no caller in its list', rule({ from: [], to: 'v1' }), '`from` is an empty list'],
  ['has no path in its list', rule({ match: { path: [] }, to: 'v1' }), '`path` is an empty list'],
  ['sets tries of no attempts', rule({ to: 'v1', retries: { attempts: 0, perTry: Duration.seconds(1) } }), '`retries.attempts` is 0'],
  ['retries on a word that Istio does not know', rule({ to: 'v1', retries: { attempts: 1, on: ['5XX'] } }), '`retries.on` has "5XX"'],
  ['retries on nothing', rule({ to: 'v1', retries: { attempts: 1, on: [] } }), '`retries.on` is empty'],
  ['sets a header that cannot be', rule({ to: 'v1', changeHeaders: { request: { set: { 'a b': 'x' } } } }), 'changeHeaders.request has "a b"'],
  ['sets a header to half a command', rule({ to: 'v1', changeHeaders: { response: { set: { load: '50% of 60%' } } } }), 'write "%%" for a percent sign'],
  ['changes the authority of a response', rule({ to: 'v1', changeHeaders: { response: { set: { ':authority': 'x' } } } }), 'changeHeaders.response has ":authority"'],
  ['allows no origin', rule({ to: 'v1', cors: { origins: [] } }), '`cors.origins` names no origin'],
  ['allows an origin that no browser sends', rule({ to: 'v1', cors: { origins: ['shop.example.com'] } }), '`cors.origins` has "shop.example.com", which no browser sends'],
  ['allows a method that is none', rule({ to: 'v1', cors: { origins: ['*'], methods: ['get'] } }), '`cors.methods` has "get"'],
  ['is remembered for half a second', rule({ to: 'v1', cors: { origins: ['*'], maxAge: Duration.millis(500) } }), 'cors.maxAge must be whole seconds'],
  ['redirects to where the client is', rule({ redirect: { code: 302 } }), '`redirect` sends clients to where they are'],
  ['redirects to no path', rule({ redirect: { path: 'x' } }), 'redirect.path "x" does not begin with "/"'],
  ['rewrites to no path', rule({ match: { path: Path.prefix('/a') }, to: 'v1', rewrite: { prefix: 'x' } }), 'rewrite.prefix "x" does not begin with "/"'],
  ['decorates with nothing', (world) => world.service('a').decorate({}), 'decorates requests with nothing'],
]);

fails('a condition', [
  ['has the empty prefix of a header', () => Header.prefix('x', ''), 'use Header.present(name)'],
  ['has the empty prefix of a parameter', () => Query.prefix('x', ''), 'use Query.present(name)'],
  ['has an empty regex', () => Header.regex('x', ''), 'a regular expression is empty'],
  ['has a regex that Istio finds too long', () => Header.regex('x', 'a'.repeat(1025)), 'has 1025 characters, Istio takes 1024'],
  ['has a regex that no path matches', () => Path.regex('api/.*'), 'all of them begin with "/"'],
  ['has a path with a space', () => Path.exact('/a b'), 'write "/a%20b"'],
  ['has a cookie with a semicolon', () => Cookie.exact('a', 'x;y'), 'cookie "a" can never have the value "x;y"'],
]);

fails('a service', [
  ['has no port', service({ port: [] }), 'has no port'],
  ['has no version', service({ versions: {} }), 'has no version'],
  ['has a version without an image', service({ versions: { v1: { image: '' } } }), 'version v1 has no image'],
  ['listens where its proxy does', service({ port: Port.http(80, { targetPort: 15001 }) }), 'its application cannot listen on 15001'],
  ['has too long a name with its version', service({}, 'a'.repeat(62)), 'the name of its Deployment, has 65 characters'],
  ['selects no pods', ({ mesh }) => MeshService.fromSelector(mesh, 'a', { port: 80, selector: {} }), 'has an empty `selector`'],
  ['of another repository is said to call', ({ mesh, service: create }) => MeshService.fromName(mesh, 'b', { namespace: 'b', port: 80 }).call(create('a')), 'belongs to another repository'],
  ['shares its pods with another one that declares calls', ({ mesh }) => ['a', 'b'].map((name) =>
    MeshService.fromSelector(mesh, name, { port: 80, selector: { app: 'x' }, calls: [] })), 'the calls of the pods with app=x are already declared by chart/mesh/a'],
  ['has the id of another one', ({ service: create }) => [create('a'), create('a')], 'a: "a" is given to two constructs in chart/mesh'],
  ['is named twice', ({ mesh, service: create }) => [create('a'), MeshService.fromName(mesh, 'a', { port: 80 })], 'a in namespace shop is already declared by chart/mesh/a'],
  ['is in a namespace that cannot be', ({ mesh }) => MeshService.fromName(mesh, 'a', { namespace: 'Shop', port: 80 }), 'namespace "Shop" is no DNS label'],
]);

fails('a gateway', [
  ['has a host twice', gateway({ hosts: ['a.example.com'] }), 'host a.example.com is given twice'],
  ['has a host in capitals', gateway({ host: 'A.example.com' }), 'DNS does not tell them apart: write "a.example.com"'],
  ['has a certificate and no port for it', gateway({ ports: [80], tls: Tls.simple('x') }), 'has `tls`, but no port for HTTPS'],
  ['redirects from a port that it does not have', gateway({ ports: [Port.https(443)], tls: Tls.simple('x'), redirectHttp: true }), 'redirectHttp needs a port for HTTP'],
  ['redirects to a certificate that is missing', gateway({ hosts: ['b.example.com'], tls: { 'a.example.com': Tls.simple('x') }, redirectHttp: true }), 'requests for b.example.com to HTTPS, for which it has no certificate'],
  ['listens where the proxy tells its health', gateway({ ports: [15021] }), 'port 15021 is used by the proxy itself'],
  ['opens the port where the proxy tells its health', (world) => new Gateway(world.mesh, 'edge').tcp(15021, world.service('a')), 'port 15021 is used by the proxy itself'],
  ['names no Secret', () => Tls.simple(''), 'TLS names no Secret'],
]);

fails('an external service', [
  ['has a name that no object can have', ({ mesh }) => new ExternalService(mesh, 'Partner_API', { host: 'a.example.com', port: 80 }), '"Partner_API" is no name of an object'],
  ['has no endpoint', external({ endpoints: [] }), 'has no endpoint'],
  ['is static and nowhere', external({ resolution: 'STATIC' }), 'has no endpoint'],
  ['has a URL as an endpoint', external({ endpoints: ['http://x'] }), 'endpoint "http://x" is neither an address nor a DNS name'],
  ['is a wildcard for DNS', external({ host: '*.example.com', resolution: 'DNS' }), 'resolution DNS cannot look up *.example.com'],
  ['leaves by two gateways', (world) => {
    const partner = external({})(world);
    return ['one', 'two'].map((name) => new EgressGateway(world.mesh, name).allow(partner));
  }, 'host a.example.com already leaves through the egress gateway shop/one'],
]);

fails('a fault', [
  ['aborts without a status', ({ mesh, service: create }) =>
    new FaultInjection(mesh, 'f', { service: create('a'), abort: { percent: 1 } as never }), 'abort has no status'],
  ['aborts with a status that gRPC does not have', ({ mesh, service: create }) =>
    new FaultInjection(mesh, 'f', { service: create('a'), abort: { grpcStatus: 'NOPE', percent: 1 } }), 'abort.grpcStatus "NOPE" is no gRPC status'],
]);

fails('a second mesh', [
  ['says something else of the namespace', ({ chart }) => new Mesh(chart, 'other', { mtls: Mtls.STRICT }), 'namespace shop belongs to chart/mesh already'],
  ['is run by something else', ({ chart }) => new Mesh(chart, 'other', { runtime: MeshRuntime.istio() }), 'is run by istio in istio-system, but chart/mesh by bundled in istio-system'],
  ['has a trust domain that is none', ({ chart }) => new Mesh(chart, 'other', { trustDomain: 'Shop Example' }), '"Shop Example" is no trust domain'],
  ['has an alias that is none', ({ chart }) => new Mesh(chart, 'other', { trustDomainAliases: ['spiffe://old'] }), '"spiffe://old" is no trust domain'],
  ['has its control plane elsewhere', ({ chart }) => new Mesh(chart, 'other', { controlPlaneNamespace: 'other' }), 'bundled in other, but chart/mesh by bundled in istio-system'],
]);

test.each([
  ['a gateway that listens for nothing', (mesh: Mesh) => new Gateway(mesh, 'edge'), '[chart/mesh/edge] Gateway edge listens for nothing'],
  ['an egress gateway that lets nothing out', (mesh: Mesh) => new EgressGateway(mesh, 'egress'), '[chart/mesh/egress] EgressGateway egress lets nothing out'],
])('synth refuses %s', (_what, act, problem) => {
  const { app, mesh } = createWorld();
  act(mesh);
  expect(() => app.synthYaml()).toThrow(problem);
});

fails('a canary', [
  ['has half a percent', ({ mesh, service: create }) => new CanaryRoute(mesh, 'c', { service: create('a'), stable: 'v1', canary: 'v2', weight: 0.5 }),
    'weight must be a whole number from 0 to 100, got 0.5'],
]);

test('synth refuses settings that the control plane would not find', () => {
  const elsewhere = createWorld({ trustDomain: 'shop.example.com', trustDomainAliases: ['old.example.com'], controlPlaneNamespace: 'mesh-system' });
  expect(() => elsewhere.app.synthYaml()).toThrow('`trustDomain` and `trustDomainAliases` would have no effect: the bundled runtime reads MeshConfig in istio-system, but the control plane is in mesh-system');
  const asked = createWorld({ controlPlaneNamespace: 'mesh-system' });
  new ExternalAuthorizer(asked.mesh, 'list', { service: asked.service('a'), protocol: 'http' });
  expect(() => asked.app.synthYaml()).toThrow('the authorizer list would have no effect');
  expect(() => createWorld({ controlPlaneNamespace: 'mesh-system' }).app.synthYaml()).not.toThrow();
  expect(() => createWorld({ trustDomain: 'shop.example.com', controlPlaneNamespace: 'mesh-system', runtime: MeshRuntime.istio() }).app.synthYaml()).not.toThrow();
});

test('a canary without its service is reported as such', () => {
  const { mesh } = createWorld();
  const none = undefined as unknown as MeshService<'v1' | 'v2'>;
  expect(() => new CanaryRoute(mesh, 'c', { service: none, stable: 'v1', canary: 'v2', weight: 1 })).toThrow('service is undefined');
});

test('what Istio and Envoy take is taken', () => {
  const { mesh, service: create } = createWorld();
  const a = create('a');
  a.route({ to: 'v1', retries: { attempts: 2, on: ['5xx', '503'] }, changeHeaders: { request: { set: { ':authority': 'b', id: '%REQ(X-Request-Id)% at 100%%' } } } });
  a.route({ match: { path: Path.regex('.*/x') }, redirect: { host: 'b.example.com' } });
  expect(new ExternalService(mesh, 'x', { host: 'x.example.com', port: 80, endpoints: ['10.0.0.1', 'fd00::1'] }).serviceEntry).toBeDefined();
  expect(new ExternalService(mesh, 'y', { host: 'y.example.com', port: 80, endpoints: ['db.internal', 'my_host'] }).serviceEntry).toBeDefined();
});

test('hosts that are long or begin with a digit may leave', () => {
  const { mesh, all } = createWorld();
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example.com`;
  new EgressGateway(mesh, 'egress', { hosts: ['1password.com', long] });
  expect(all('ServiceEntry').map(({ metadata }) => metadata.name)).toEqual(['1password-com', long.replaceAll('.', '-')]);
});

test('services of two namespaces may have one name', () => {
  const { mesh } = createWorld();
  const hosts = ['payments', 'orders'].map((namespace) => MeshService.fromName(mesh, 'api', { namespace, port: 80 }).host);
  expect(hosts).toEqual(['api.payments.svc.cluster.local', 'api.orders.svc.cluster.local']);
});

test('an error that nobody catches shows the message and the lines of the program, nothing else', () => {
  const app = new App();
  const wrong = (): MeshError => {
    try {
      new Mesh(new Chart(app, 'chart', { namespace: 'Shop' }), 'mesh');
    } catch (error) {
      return error as MeshError;
    }
    throw new Error('no error');
  };
  const error = wrong();
  expect(Object.keys(error)).toEqual([]);
  const [head, place, fix, ...frames] = error.stack!.split('\n');
  expect([head, place, fix]).toEqual([
    'MeshError: mesh: namespace "Shop" is no DNS label',
    expect.stringMatching(/^ {4}chart\/mesh, wrong-input\.test\.ts:\d+$/),
    '    use at most 63 lower-case letters, digits and hyphens, not beginning or ending with a hyphen',
  ]);
  expect(frames.length).toBeGreaterThan(0);
  expect(frames.filter((frame) => !frame.includes('wrong-input.test.ts'))).toEqual([]);
  expect(error).toMatchObject({ code: 'invalid-name', path: 'chart/mesh' });
});
