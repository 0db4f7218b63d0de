import { ApiObject } from 'cdk8s';
import { AccessPolicy, Claim, ExternalAuthorizer, Gateway, GatewayApi, istio, JwtAuthentication, MeshService, Mtls, MutualTls, Path, Port, When } from '../../src';
import { createWorld, hostOf } from '../world';

type World = ReturnType<typeof createWorld>;
const image = { v1: { image: 'x' } };
const failures = ({ all }: World): string => {
  try {
    all('Service');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const raw = ({ chart }: World, id: string, spec: object) => new istio.AuthorizationPolicy(chart, id, { metadata: { name: id }, spec });
const rule = (source: object) => ({ from: [{ source }] });

describe('checks of TLS modes', () => {
  /** `web` calls `cart`, whose server takes what `server` says and whose clients are told `client`. */
  function call(server: Mtls, client: string, port = {}) {
    const world = createWorld({ mtls: server });
    const cart = new MeshService(world.mesh, 'cart', { port: Port.http(80, { targetPort: 8080 }), versions: image });
    new MeshService(world.mesh, 'web', { port: 80, versions: image, calls: [cart] });
    cart.destinationRule.spec({ trafficPolicy: { tls: { mode: client as 'SIMPLE' }, ...port } });
    return { ...world, cart };
  }

  test.each([
    [Mtls.STRICT, 'DISABLE', 'calls of web to cart at port 80 use DISABLE, but PeerAuthentication default (chart/mesh/namespace-shop/peer-authentication) takes mutual TLS of the mesh only'],
    [Mtls.STRICT, 'SIMPLE', 'calls of web to cart at port 80 use SIMPLE'],
    [Mtls.DISABLE, 'ISTIO_MUTUAL', 'calls of web to cart at port 80 use ISTIO_MUTUAL, but PeerAuthentication default (chart/mesh/namespace-shop/peer-authentication) takes none'],
  ])('find that a server with %s is called with %s', (server, client, message) => {
    expect(failures(call(server, client))).toContain(message);
  });

  test.each([[Mtls.STRICT, 'ISTIO_MUTUAL'], [Mtls.PERMISSIVE, 'DISABLE'], [Mtls.PERMISSIVE, 'ISTIO_MUTUAL'], [Mtls.DISABLE, 'DISABLE']])('are content with %s and %s', (server, client) => {
    expect(failures(call(server, client))).toBe('');
  });

  test('know of ports, workloads, versions and the root namespace', () => {
    const open = call(Mtls.STRICT, 'DISABLE');
    new MutualTls(open.mesh, 'open', { service: open.cart, ports: { 80: Mtls.DISABLE } });
    expect(failures(open)).toBe('');

    const own = call(Mtls.STRICT, 'DISABLE', { portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'ISTIO_MUTUAL' } }] });
    expect(failures(own)).toBe('');

    const version = createWorld();
    const cart = new MeshService(version.mesh, 'cart', { port: 80, versions: image });
    cart.destinationRule.spec({ subsets: [{ name: 'v1', labels: { version: 'v1' }, trafficPolicy: { tls: { mode: 'DISABLE' } } }] });
    new istio.PeerAuthentication(version.chart, 'root', { metadata: { name: 'default', namespace: 'istio-system' }, spec: { mtls: { mode: 'STRICT' } } });
    expect(failures(version)).toContain('calls to cart (version v1) at port 80 use DISABLE, but PeerAuthentication default (chart/root)');
  });

  test('count raw DestinationRules', () => {
    const world = createWorld({ mtls: Mtls.STRICT });
    new MeshService(world.mesh, 'cart', { port: 80, versions: image, calls: [] });
    new istio.DestinationRule(world.chart, 'raw', { metadata: { name: 'raw' }, spec: { host: hostOf('cart'), workloadSelector: { matchLabels: { app: 'x' } }, trafficPolicy: { tls: { mode: 'DISABLE' } } } });
    expect(failures(world)).toContain('DestinationRule raw: calls to cart at port 80 use DISABLE');
  });

  test('find callers without a proxy', () => {
    const world = createWorld({ mtls: Mtls.STRICT });
    const cart = new MeshService(world.mesh, 'cart', { port: 80, versions: image });
    new MeshService(world.mesh, 'legacy', { port: 80, versions: image, proxy: false, calls: [cart] });
    expect(failures(world)).toContain('PeerAuthentication default: legacy declares to call cart and has no proxy, but every port of cart takes mutual TLS only; open one with MutualTls');
    new MutualTls(world.mesh, 'open', { service: cart, ports: { 80: Mtls.PERMISSIVE } });
    expect(failures(world)).toBe('');
  });
});

describe('checks of policies', () => {
  test('find those that select nothing', () => {
    // GIVEN
    const world = createWorld();
    const { chart, mesh } = world;
    new MeshService(mesh, 'cart', { port: 80, versions: { v1: { image: 'x', labels: { tier: 'gold' } } } });
    MeshService.fromSelector(mesh, 'kept', { port: 80, selector: { app: 'kept' } });
    new ApiObject(chart, 'raw-pods', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'raw' }, spec: { template: { metadata: { labels: { app: 'raw' } } } } });
    new Gateway(mesh, 'edge', { host: 'a.example.com' });
    const select = (id: string, matchLabels: Record<string, string>) => raw(world, id, { selector: { matchLabels } });

    // WHEN
    const fine: Record<string, string>[] = [{ app: 'cart', version: 'v1', tier: 'gold' }, { app: 'kept', color: 'red' }, { app: 'raw' }, { istio: 'edge' }];
    fine.forEach((labels, index) => select(`fine-${index}`, labels));
    select('wrong', { app: 'card' });
    select('version', { app: 'cart', version: 'v9' });
    new istio.PeerAuthentication(chart, 'peer', { metadata: { name: 'peer' }, spec: { selector: { matchLabels: { app: 'nobody' } }, mtls: { mode: 'STRICT' } } });
    new istio.AuthorizationPolicy(chart, 'elsewhere', { metadata: { name: 'elsewhere', namespace: 'theirs' }, spec: { selector: { matchLabels: { app: 'x' } } } });
    new istio.AuthorizationPolicy(chart, 'ref', { metadata: { name: 'ref' }, spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'none' }] } });

    // THEN
    const found = failures(world);
    expect(found).toContain('AuthorizationPolicy wrong: selects pods with app=card, and shop has none; correct the labels, or declare the pods with MeshService.fromSelector');
    expect(found).toContain('AuthorizationPolicy version: selects pods with app=cart, version=v9');
    expect(found).toContain('PeerAuthentication peer: selects pods with app=nobody');
    expect(found).toContain('AuthorizationPolicy ref: is for Gateway none, which does not exist in shop');
    expect(found).not.toMatch(/fine|elsewhere/);
  });

  test('find rules about requests on ports for connections', () => {
    const world = createWorld();
    const { mesh } = world;
    const db = new MeshService(mesh, 'db', { port: Port.tcp(27017), versions: image });
    const both = new MeshService(mesh, 'both', { port: [80, Port.tcp(9000)], versions: image });
    new AccessPolicy(mesh, 'get-db', { service: db, allow: [{ methods: ['GET'] }] });
    new AccessPolicy(mesh, 'get-both', { service: both, allow: [{ path: Path.exact('/a'), ports: [9000] }] });
    new AccessPolicy(mesh, 'fine', { service: both, deny: [{ methods: ['DELETE'] }], allow: [{ from: [db], ports: [9000] }] });
    raw(world, 'header', { selector: { matchLabels: { app: 'db' } }, action: 'DENY', rules: [{ when: [{ key: 'request.headers[a]', values: ['b'] }] }] });
    new JwtAuthentication(mesh, 'users', { service: db, issuer: 'a' });
    const found = failures(world);
    expect(found).toContain('AuthorizationPolicy get-db: has a rule about requests for port 27017 of db, where proxies see connections only (tcp 27017)');
    expect(found).toContain('AuthorizationPolicy get-both: has a rule about requests for port 9000 of both');
    expect(found).toContain('AuthorizationPolicy header: has a rule about requests for port 27017');
    expect(found).toContain('RequestAuthentication users: db speaks tcp 27017, where no tokens are seen');
    expect(found).not.toContain('fine');
  });

  test('find identities where there are none, and accounts that nobody has', () => {
    const world = createWorld();
    const { mesh, service } = world;
    const [cart, web] = [service('cart'), service('web')];
    new MutualTls(mesh, 'off', { service: cart, mode: Mtls.DISABLE });
    new AccessPolicy(mesh, 'web-only', { service: cart, allow: [{ from: [web] }] });
    raw(world, 'typo', { rules: [rule({ principals: ['cluster.local/ns/shop/sa/wbe', 'cluster.local/ns/shop/sa/web', 'cluster.local/ns/theirs/sa/x', '*/sa/any'] })] });
    const found = failures(world);
    expect(found).toContain('AuthorizationPolicy web-only: asks who calls cart, and PeerAuthentication off turns mutual TLS off, without which nobody is known');
    expect(found.match(/names cluster/g)).toHaveLength(1);
    expect(found).toContain('AuthorizationPolicy typo: names cluster.local/ns/shop/sa/wbe, and shop has no such account');
  });

  test('find unknown authorizers', () => {
    const world = createWorld();
    const custom = (id: string, name: string) => raw(world, id, { action: 'CUSTOM', provider: { name }, rules: [{}] });
    ExternalAuthorizer.fromName(world.mesh, 'installed');
    custom('fine', 'installed');
    custom('lost', 'oap');
    expect(failures(world)).toContain('AuthorizationPolicy lost: asks oap, which is no authorizer of the mesh, so every call would be refused');
    expect(failures(world)).not.toContain('fine');
  });
});

describe('checks of tokens', () => {
  const USERS = { issuer: 'https://login.example.com' };

  test('find policies that ask for users where nobody looks at tokens', () => {
    const world = createWorld();
    const { mesh, service } = world;
    const [cart, web] = [service('cart'), service('web')];
    new JwtAuthentication(mesh, 'users', { service: cart, ...USERS, required: true });
    new AccessPolicy(mesh, 'fine', { service: cart, allow: [{ when: [When.claim('group', 'admin')] }] });
    new AccessPolicy(mesh, 'blind', { service: web, allow: [{ from: [{ requestPrincipals: ['*'] }] }] });
    expect(failures(world)).toContain('AuthorizationPolicy blind: asks for requestPrincipals, and nothing looks at tokens there; add a JwtAuthentication for the same pods');
    expect(failures(world)).not.toContain('fine');
    new JwtAuthentication(mesh, 'all-users', { namespace: 'shop', ...USERS });
    expect(failures(world)).toBe('');
  });

  test('find routes by claims at gateways where nobody looks at tokens, and in the mesh', () => {
    const world = createWorld();
    const { mesh, service, chart } = world;
    const edge = new Gateway(mesh, 'edge', { host: 'a.example.com' });
    edge.route(service('web'), { claims: [Claim.exact('group', 'admin')] });
    new istio.VirtualService(chart, 'raw', { metadata: { name: 'raw' }, spec: {
      hosts: ['x.example.com'], http: [{ match: [{ headers: { '@request.auth.claims.group': { exact: 'a' } } }], directResponse: { status: 200 } }],
    } });
    expect(failures(world)).toContain('VirtualService edge: asks for @request.auth.claims[group], and nothing looks at tokens at gateway shop/edge');
    expect(failures(world)).toContain('VirtualService raw: asks for @request.auth.claims.group of calls in the mesh, and Istio routes by claims at gateways only');
    new JwtAuthentication(mesh, 'users', { gateway: edge, ...USERS });
    expect(failures(world)).not.toContain('VirtualService edge');
  });

  test('know that somebody else may look at them', () => {
    const world = createWorld();
    const edge = new Gateway(world.mesh, 'edge', { host: 'a.example.com' }).route(world.service('web'), { claims: [Claim.exact('group', 'admin')] });
    JwtAuthentication.fromName(world.mesh, 'users', { namespace: 'istio-system' });
    new AccessPolicy(world.mesh, 'policy', { gateway: edge, deny: [{ from: [{ notRequestPrincipals: ['*'] }] }] });
    expect(failures(world)).toBe('');
  });

  test('know gateways of the Gateway API', () => {
    const world = createWorld();
    const edge = new Gateway(world.mesh, 'edge', { host: 'a.example.com', api: GatewayApi.KUBERNETES }).route(world.service('web'));
    new AccessPolicy(world.mesh, 'policy', { gateway: edge, deny: [{ from: [{ notRequestPrincipals: ['*'] }] }] });
    expect(failures(world)).toContain('AuthorizationPolicy policy: asks for notRequestPrincipals');
    new JwtAuthentication(world.mesh, 'users', { gateway: edge, ...USERS });
    expect(failures(world)).toBe('');
  });
});

test('checks of security leave what is no policy at all to the checks of fields', () => {
  const world = createWorld();
  const { chart, service } = world;
  service('cart');
  const wrong: object[] = [{ rules: 7 }, { rules: [null] }, { rules: [{ from: {}, to: 'x', when: [3] }] }, { selector: 'x' }, { targetRefs: {} }];
  wrong.forEach((spec, index) => raw(world, `wrong-${index}`, spec));
  new istio.DestinationRule(chart, 'rule', { metadata: { name: 'rule' }, spec: { host: hostOf('cart'), subsets: 3, trafficPolicy: { portLevelSettings: 'x' } } as never });
  new istio.PeerAuthentication(chart, 'peer', { metadata: { name: 'peer' }, spec: { selector: [], mtls: 3, portLevelMtls: 'x' } as never });
  expect(failures(world)).toMatch(/AuthorizationPolicy wrong-0: /);
  expect(failures(world)).not.toMatch(/TypeError|not a function|not iterable|Cannot read/);
});
