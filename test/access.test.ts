import { Chart } from 'cdk8s';
import { Access, AccessPolicy, EgressGateway, ExternalAuthorizer, Gateway, Mesh, MeshService, Mirror, Mtls, Path, Port } from '../src';
import { createWorld, synth } from './world';

const image = { v1: { image: 'x' } };
const principal = (name: string) => `cluster.local/ns/shop/sa/${name}`;
const pods = (app: string, labels: object = { app }) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }, podSelector: { matchLabels: labels } });

/** `web` calls `cart`, and an edge leads to `web`. */
function shop() {
  const world = createWorld({ access: Access.DECLARED });
  const cart = new MeshService(world.mesh, 'cart', { port: Port.http(80, { targetPort: 8080 }), versions: image, calls: [] });
  const web = new MeshService(world.mesh, 'web', { port: 80, versions: image, calls: [cart] });
  const edge = new Gateway(world.mesh, 'edge', { host: 'shop.example.com' }).route(web);
  return { ...world, cart, web, edge };
}

describe('Access.DECLARED', () => {
  test('closes each namespace of the mesh', () => {
    const { one } = shop();
    expect(one('AuthorizationPolicy', 'default')).toMatchObject({ metadata: { namespace: 'shop' }, spec: {} });
    expect(one('NetworkPolicy', 'default')).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default', namespace: 'shop' },
      spec: {
        podSelector: {}, policyTypes: ['Ingress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: 15020 }, { protocol: 'TCP', port: 15021 }, { protocol: 'TCP', port: 15090 }] }],
      },
    });
  });

  test('lets in those who say that they call', () => {
    const { spec } = shop();
    expect(spec('AuthorizationPolicy', 'cart-callers')).toEqual({
      selector: { matchLabels: { app: 'cart' } },
      rules: [{ from: [{ source: { principals: [principal('web')] } }], to: [{ operation: { ports: ['8080'] } }] }],
    });
    expect(spec('NetworkPolicy', 'cart-callers')).toEqual({
      podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Ingress'],
      ingress: [{ from: [pods('web')], ports: [{ protocol: 'TCP', port: 8080 }] }],
    });
  });

  test('lets a gateway call whom it routes to, and everybody call the gateway', () => {
    const { spec } = shop();
    expect(spec('AuthorizationPolicy', 'web-callers').rules[0].from).toEqual([{ source: { principals: [principal('edge')] } }]);
    expect(spec('NetworkPolicy', 'web-callers').ingress[0].from).toEqual([pods('edge', { app: 'edge', istio: 'edge' })]);
    expect(spec('AuthorizationPolicy', 'edge-callers')).toEqual({ selector: { matchLabels: { app: 'edge', istio: 'edge' } }, rules: [{}] });
    expect(spec('NetworkPolicy', 'edge-callers').ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 80 }] }]);
  });

  test('lets nobody in where nobody calls', () => {
    const { mesh, spec } = shop();
    new MeshService(mesh, 'lonely', { port: 80, versions: image });
    expect(spec('AuthorizationPolicy', 'lonely-callers')).toEqual({ selector: { matchLabels: { app: 'lonely' } } });
    expect(spec('NetworkPolicy', 'lonely-callers').ingress).toEqual([]);
  });

  test('lets callers of other repositories in when they are named', () => {
    const { mesh, spec } = shop();
    const theirs = MeshService.fromName(mesh, 'billing', { namespace: 'shop', port: 80, versions: ['v1', 'v2'], accountPerVersion: true });
    new MeshService(mesh, 'ledger', { port: 80, versions: image, callers: [theirs.version('v2')] });
    expect(spec('AuthorizationPolicy', 'ledger-callers').rules[0].from[0].source.principals).toEqual([principal('billing-v2')]);
    expect(spec('NetworkPolicy', 'ledger-callers').ingress[0].from).toEqual([pods('billing', { app: 'billing', version: 'v2' })]);
  });

  test('follows the rules of a service to where its requests and copies go', () => {
    const { mesh, cart, spec } = shop();
    const beta = new MeshService(mesh, 'beta', { port: 80, versions: image });
    const shadow = new MeshService(mesh, 'shadow', { port: 80, versions: image });
    cart.route({ match: { path: Path.prefix('/beta') }, to: [{ service: beta }] });
    new Mirror(mesh, 'copies', { service: cart, to: shadow });
    expect(spec('AuthorizationPolicy', 'beta-callers').rules[0].from[0].source.principals).toEqual([principal('web')]);
    expect(spec('AuthorizationPolicy', 'shadow-callers').rules[0].from[0].source.principals).toEqual([principal('web')]);
  });

  test('lets those who must ask an authorizer ask it', () => {
    const { mesh, cart, service, spec } = shop();
    const provider = new ExternalAuthorizer(mesh, 'opa', { protocol: 'http', service: service('opa-server') });
    new AccessPolicy(mesh, 'ask', { service: cart, custom: { provider } });
    expect(spec('AuthorizationPolicy', 'opa-server-callers').rules[0].from[0].source.principals).toEqual([principal('cart')]);
  });

  test('lets callers of the outside reach the egress gateway', () => {
    const { mesh, web, spec } = shop();
    web.call(new EgressGateway(mesh, 'egress').allow('api.example.com'));
    expect(spec('AuthorizationPolicy', 'egress-callers').rules).toEqual([{ to: [{ operation: { ports: ['80', '443'] } }] }]);
    expect(spec('NetworkPolicy', 'egress-callers').ingress[0].from).toEqual([pods('web')]);
  });

  test('knows who calls the outside where the egress gateway does', () => {
    const { mesh, web, spec } = shop();
    web.call(new EgressGateway(mesh, 'egress', { mutualTls: true }).allow('api.example.com'));
    expect(spec('AuthorizationPolicy', 'egress-callers').rules).toEqual([
      { from: [{ source: { principals: [principal('web')] } }], to: [{ operation: { ports: ['80'] } }] },
      { to: [{ operation: { ports: ['443'] } }] },
    ]);
  });

  test('gives way to a policy that says who may call a service, in the network too', () => {
    // GIVEN
    const { mesh, cart, web, service, all, spec } = shop();

    // WHEN
    new AccessPolicy(mesh, 'cart-users', { service: cart, allow: [{ from: [web], methods: ['GET'] }, { from: [service('admin'), { namespaces: ['tools'] }] }] });

    // THEN
    expect(all('AuthorizationPolicy').map(({ metadata }) => metadata.name)).not.toContain('cart-callers');
    expect(spec('NetworkPolicy', 'cart-callers').ingress[0].from).toEqual([pods('web'), pods('admin'), { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tools' } } }]);
  });

  test('lets the network decide nothing where a policy says what it cannot know', () => {
    const { mesh, cart, web, spec } = shop();
    new AccessPolicy(mesh, 'cart-users', { service: cart, allow: [{ from: [web] }, { from: [{ principals: ['other.domain/*'] }] }] });
    expect(spec('NetworkPolicy', 'cart-callers').ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 8080 }] }]);
  });

  test('adds what a policy of the namespace lets in to what is declared', () => {
    const { mesh, spec } = shop();
    new AccessPolicy(mesh, 'metrics', { namespace: 'shop', allow: [{ from: [{ namespaces: ['monitoring'] }], path: Path.exact('/metrics') }] });
    expect(spec('AuthorizationPolicy', 'cart-callers').rules[0].from[0].source.principals).toEqual([principal('web')]);
    expect(spec('NetworkPolicy', 'cart-callers').ingress[0].from).toEqual([pods('web'), { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }]);
  });

  test('stays as it is beside policies that deny, or that are tried out', () => {
    const { mesh, cart, spec } = shop();
    new AccessPolicy(mesh, 'no-delete', { service: cart, deny: [{ methods: ['DELETE'] }] });
    new AccessPolicy(mesh, 'perhaps', { service: cart, allow: [], dryRun: true });
    expect(spec('AuthorizationPolicy', 'cart-callers').rules[0].from[0].source.principals).toEqual([principal('web')]);
  });

  test('spares the root namespace, where policies are for the whole cluster', () => {
    const { app, mesh } = createWorld({ access: Access.DECLARED, createNamespaces: false });
    const system = new Chart(app, 'system', { namespace: 'istio-system' });
    new MeshService(system, 'console', { mesh, port: 80, versions: image });
    expect(synth(system).filter(({ kind }) => kind === 'AuthorizationPolicy').map(({ metadata }) => metadata.name)).toEqual(['console-callers']);
  });

  describe('fails when', () => {
    test('there are no identities', () => {
      expect(() => createWorld({ access: Access.DECLARED, mtls: Mtls.DISABLE })).toThrow('Access.DECLARED lets callers in by their certificates');
    });

    test('meshes of one namespace disagree', () => {
      const { chart } = createWorld({ access: Access.DECLARED });
      expect(() => new Mesh(chart, 'other', {})).toThrow('has another `mtls`, `outbound` or `access`');
    });

    test('a policy for a service refuses one that declares to call it', () => {
      const { mesh, cart, service, all } = shop();
      new AccessPolicy(mesh, 'admin-only', { service: cart, allow: [{ from: [service('admin')], methods: ['DELETE'] }] });
      expect(() => all('AuthorizationPolicy')).toThrow('admin-only: web declares to call cart, and no rule of `allow` is for it; add it to `from` of one, or take the call away');
    });
  });
});
