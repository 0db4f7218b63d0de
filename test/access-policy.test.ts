import { Chart } from 'cdk8s';
import {
  AccessPolicy, Claim, ExternalAuthorizer, Gateway, Header, JwtAuthentication, Mesh, MeshService, Path, Port, When, type AccessDecisions, type AccessRule,
} from '../src';
import { createWorld, synth } from './world';

const SELECTOR = { matchLabels: { app: 'orders' } };

/** A world with a service `orders` whose pods listen on 8080. */
function shop() {
  const world = createWorld();
  const orders = new MeshService(world.mesh, 'orders', { port: Port.http(80, { targetPort: 8080 }), versions: { v1: { image: 'x' } } });
  return { ...world, orders };
}

/** The one rule of a policy for `orders`. */
function ruleOf(rule: AccessRule) {
  const { mesh, orders, spec } = shop();
  JwtAuthentication.fromName(mesh, 'users');
  new AccessPolicy(mesh, 'policy', { service: orders, allow: [rule] });
  return spec('AuthorizationPolicy', 'policy').rules[0];
}

describe('AccessPolicy', () => {
  test('lets a service do something', () => {
    // GIVEN
    const { mesh, service, orders, one } = shop();
    const admin = service('admin');

    // WHEN
    new AccessPolicy(mesh, 'admin-only', { service: orders, allow: [{ from: [admin], methods: ['delete'], path: Path.prefix('/orders/') }] });

    // THEN
    expect(one('AuthorizationPolicy', 'admin-only')).toEqual({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'admin-only', namespace: 'shop' },
      spec: {
        selector: SELECTOR,
        rules: [{
          from: [{ source: { principals: ['cluster.local/ns/shop/sa/admin'] } }],
          to: [{ operation: { methods: ['DELETE'], paths: ['/orders/*'] } }],
        }],
      },
    });
  });

  test('is one object for each action', () => {
    const { mesh, orders, all } = shop();
    new AccessPolicy(mesh, 'several', { service: orders, allow: [{}], deny: [{ methods: ['TRACE'] }], audit: [{ path: Path.exact('/admin') }] });
    expect(all('AuthorizationPolicy').map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ['several-allow', { selector: SELECTOR, rules: [{}] }],
      ['several-deny', { selector: SELECTOR, action: 'DENY', rules: [{ to: [{ operation: { methods: ['TRACE'] } }] }] }],
      ['several-audit', { selector: SELECTOR, action: 'AUDIT', rules: [{ to: [{ operation: { paths: ['/admin'] } }] }] }],
    ]);
  });

  test('lets nobody in with an empty list', () => {
    const { mesh, orders, spec } = shop();
    new AccessPolicy(mesh, 'nobody', { service: orders, allow: [] });
    expect(spec('AuthorizationPolicy', 'nobody')).toEqual({ selector: SELECTOR });
  });

  test('tells versions apart that have their own accounts', () => {
    const { mesh, orders, spec } = shop();
    const reviews = new MeshService(mesh, 'reviews', { port: 80, versions: { v2: { image: 'x' }, v3: { image: 'x' } }, accountPerVersion: true });
    new AccessPolicy(mesh, 'no-v3', { service: orders, deny: [{ from: [reviews.version('v3')] }] });
    new AccessPolicy(mesh, 'reviewers', { service: orders, allow: [{ from: [reviews] }] });
    expect(spec('AuthorizationPolicy', 'no-v3').rules[0].from[0].source.principals).toEqual(['cluster.local/ns/shop/sa/reviews-v3']);
    expect(spec('AuthorizationPolicy', 'reviewers').rules[0].from[0].source.principals).toEqual(['cluster.local/ns/shop/sa/reviews-v2', 'cluster.local/ns/shop/sa/reviews-v3']);
  });

  test('names callers of every kind', () => {
    // GIVEN
    const { mesh, service, orders, spec } = shop();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });
    const installed = Gateway.fromSelector(mesh, 'installed', { selector: { istio: 'ingressgateway' }, serviceAccount: 'istio-system/ingress', host: '*' });
    JwtAuthentication.fromName(mesh, 'users');
    const payments = MeshService.fromName(mesh, 'payments', { namespace: 'payments', port: 80, serviceAccount: 'payer' });

    // WHEN
    new AccessPolicy(mesh, 'policy', {
      service: orders,
      allow: [{
        from: [edge, installed, payments, { namespaces: ['tools'], notServices: [service('robot')], ipBlocks: ['10.0.0.0/8'] }, { requestPrincipals: ['https://login.example.com/*'] }],
      }],
    });

    // THEN
    expect(spec('AuthorizationPolicy', 'policy').rules[0].from).toEqual([
      { source: { principals: ['cluster.local/ns/shop/sa/edge', 'cluster.local/ns/istio-system/sa/ingress', 'cluster.local/ns/payments/sa/payer'] } },
      { source: { notPrincipals: ['cluster.local/ns/shop/sa/robot'], namespaces: ['tools'], ipBlocks: ['10.0.0.0/8'] } },
      { source: { requestPrincipals: ['https://login.example.com/*'] } },
    ]);
  });

  test('uses the trust domain of the mesh', () => {
    const { mesh, service, spec } = createWorld({ trustDomain: 'shop.example.com' });
    new AccessPolicy(mesh, 'policy', { service: service('a'), allow: [{ from: [service('b')] }] });
    expect(spec('AuthorizationPolicy', 'policy').rules[0].from[0].source.principals).toEqual(['shop.example.com/ns/shop/sa/b']);
  });

  test.each<[string, AccessRule, object]>([
    ['paths', { path: [Path.exact('/a'), Path.prefix('/b/'), Path.suffix('.html'), Path.template('/c/{*}/d/{**}')] }, { paths: ['/a', '/b/*', '*.html', '/c/{*}/d/{**}'] }],
    ['paths that are not asked for', { notPath: Path.exact('/health') }, { notPaths: ['/health'] }],
    ['hosts, whatever port the client says', { hosts: ['shop.example.com', '*.example.org', 'a.example.org:8080'] }, { hosts: ['shop.example.com', 'shop.example.com:*', '*.example.org', 'a.example.org:8080'] }],
    ['ports of the service, which are written as those of its pods', { ports: [80] }, { ports: ['8080'] }],
    ['methods and ports that are not used', { notMethods: ['POST'], notPorts: [80] }, { notMethods: ['POST'], notPorts: ['8080'] }],
  ])('compares %s', (_what, rule, operation) => {
    expect(ruleOf(rule)).toEqual({ to: [{ operation }] });
  });

  test('asks for further conditions', () => {
    const { when } = ruleOf({
      when: [
        When.header('x-tier', 'gold', 'silver*'), When.not(When.sourceIp('10.0.0.0/8')), When.remoteIp('::1'), When.namespace('tools'), When.principal('*/sa/admin'), When.serviceAccount('shop/web'),
        When.trustDomain('old.example.com'), When.requestPrincipal('*'), When.audience('shop'), When.presenter('app'), When.claim(['realm_access', 'roles'], 'admin'),
        When.destinationIp('10.1.2.3'), When.destinationPort(8080), When.serverName('*.example.com'), When.filterMetadata('http.lua', 'user', 'jason'),
        Header.exact('end-user', 'jason'), Header.present('x-a'), Header.absent('x-b'), Claim.prefix('group', 'adm'), Claim.absent('robot'),
      ],
    });
    expect(when).toEqual([
      { key: 'request.headers[x-tier]', values: ['gold', 'silver*'] },
      { key: 'source.ip', notValues: ['10.0.0.0/8'] },
      { key: 'remote.ip', values: ['::1'] },
      { key: 'source.namespace', values: ['tools'] },
      { key: 'source.principal', values: ['*/sa/admin'] },
      { key: 'source.serviceAccount', values: ['shop/web'] },
      { key: 'source.trustDomain', values: ['old.example.com'] },
      { key: 'request.auth.principal', values: ['*'] },
      { key: 'request.auth.audiences', values: ['shop'] },
      { key: 'request.auth.presenter', values: ['app'] },
      { key: 'request.auth.claims[realm_access][roles]', values: ['admin'] },
      { key: 'destination.ip', values: ['10.1.2.3'] },
      { key: 'destination.port', values: ['8080'] },
      { key: 'connection.sni', values: ['*.example.com'] },
      { key: 'experimental.envoy.filters.http.lua[user]', values: ['jason'] },
      { key: 'request.headers[end-user]', values: ['jason'] },
      { key: 'request.headers[x-a]', values: ['*'] },
      { key: 'request.headers[x-b]', notValues: ['*'] },
      { key: 'request.auth.claims[group]', values: ['adm*'] },
      { key: 'request.auth.claims[robot]', notValues: ['*'] },
    ]);
  });

  test('keeps rules about requests away from ports for connections', () => {
    // GIVEN
    const { mesh, spec } = createWorld();
    const both = new MeshService(mesh, 'both', { port: [80, Port.tcp(9000)], versions: { v1: { image: 'x' } } });

    // WHEN
    new AccessPolicy(mesh, 'no-delete', { service: both, deny: [{ methods: ['DELETE'] }, { from: [{ namespaces: ['evil'] }] }] });
    new AccessPolicy(mesh, 'no-delete-here', { namespace: 'shop', deny: [{ methods: ['DELETE'] }] });

    // THEN
    expect(spec('AuthorizationPolicy', 'no-delete').rules).toEqual([
      { to: [{ operation: { methods: ['DELETE'], ports: ['80'] } }] },
      { from: [{ source: { namespaces: ['evil'] } }] },
    ]);
    expect(spec('AuthorizationPolicy', 'no-delete-here').rules).toEqual([{ to: [{ operation: { methods: ['DELETE'], ports: ['80'] } }] }]);
  });

  test('protects a gateway, a namespace, or each namespace of the mesh, those to come included', () => {
    // GIVEN
    const { app, mesh, chart } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });

    // WHEN
    new AccessPolicy(mesh, 'gateway', { gateway: edge, deny: [{ from: [{ remoteIpBlocks: ['192.0.2.0/24'] }] }] });
    new AccessPolicy(mesh, 'namespace', { namespace: 'tools', deny: [{}] });
    new AccessPolicy(mesh, 'everywhere', { mesh, deny: [{ methods: ['TRACE'] }] });
    new MeshService(new Chart(app, 'later', { namespace: 'later' }), 'cart', { mesh, port: 80, versions: { v1: { image: 'x' } } });

    // THEN
    expect(synth(chart).filter(({ kind }) => kind === 'AuthorizationPolicy').map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec.selector])).toEqual([
      ['shop', 'gateway', { matchLabels: { app: 'edge', istio: 'edge' } }],
      ['tools', 'namespace', undefined],
      ['shop', 'everywhere', undefined],
      ['later', 'everywhere', undefined],
    ]);
  });

  test('finds proxies of somebody else from the root namespace', () => {
    const { mesh, one } = createWorld();
    const shared = Gateway.fromSelector(mesh, 'shared', { selector: { istio: 'ingressgateway' }, host: 'shop.example.com' });
    new AccessPolicy(mesh, 'policy', { gateway: shared, deny: [{ methods: ['TRACE'] }] });
    expect(one('AuthorizationPolicy', 'policy')).toMatchObject({ metadata: { namespace: 'istio-system' }, spec: { selector: { matchLabels: { istio: 'ingressgateway' } } } });
  });

  test('can be tried out', () => {
    const { mesh, orders, one } = shop();
    new AccessPolicy(mesh, 'policy', { service: orders, deny: [{}], dryRun: true });
    expect(one('AuthorizationPolicy', 'policy').metadata.annotations).toEqual({ 'istio.io/dry-run': 'true' });
  });

  test('asks an authorizer', () => {
    const { mesh, orders, service, spec } = shop();
    const provider = new ExternalAuthorizer(mesh, 'opa', { protocol: 'http', service: service('opa-server') });
    new AccessPolicy(mesh, 'policy', { service: orders, custom: { provider, rules: [{ path: Path.prefix('/admin'), from: [{ notIpBlocks: ['10.0.0.0/8'] }] }] } });
    expect(spec('AuthorizationPolicy', 'policy')).toEqual({
      selector: SELECTOR, action: 'CUSTOM', provider: { name: 'opa' },
      rules: [{ from: [{ source: { notIpBlocks: ['10.0.0.0/8'] } }], to: [{ operation: { paths: ['/admin*'] } }] }],
    });
  });

  test('has its authorizer in reach of those who declare their calls', () => {
    const { mesh, service, spec } = createWorld();
    const opa = service('opa-server');
    const orders = new MeshService(mesh, 'orders', { port: 80, versions: { v1: { image: 'x' } }, calls: [] });
    new AccessPolicy(mesh, 'policy', { service: orders, custom: { provider: new ExternalAuthorizer(mesh, 'opa', { protocol: 'http', service: opa }) } });
    expect(spec('Sidecar', 'orders').egress[0].hosts).toEqual(['istio-system/*', 'shop/opa-server.shop.svc.cluster.local']);
  });

  describe('fails when', () => {
    const policy = (decisions: AccessDecisions) => ({ mesh, orders }: ReturnType<typeof shop>) => new AccessPolicy(mesh, 'policy', { service: orders, ...decisions });
    const allow = (rule: AccessRule) => policy({ allow: [rule] });
    const failures: [string, (world: ReturnType<typeof shop>) => unknown, string][] = [
      ['it decides nothing', policy({}), 'policy: decides nothing'],
      ['it is for nobody', ({ mesh }) => new AccessPolicy(mesh, 'policy', { allow: [] } as never), 'policy: is for nobody'],
      ['it is for two', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', { service: orders, namespace: 'shop', allow: [] } as never), 'policy: is for service and namespace at once'],
      ['it denies nobody', policy({ deny: [] }), '`deny` is empty, so it holds for no call'],
      ['a rule is for nobody', allow({ from: [] }), '`from` of a rule is empty'],
      ['a source says nothing', allow({ from: [{}] }), 'a source says nothing'],
      ['a source has an empty list', allow({ from: [{ namespaces: [] }] }), '`namespaces` of a source is empty'],
      ['a source mixes accounts and namespaces', allow({ from: [{ serviceAccounts: ['shop/a'], namespaces: ['b'] }] }), 'both accounts and principals or namespaces'],
      ['a principal is written as SPIFFE', allow({ from: [{ principals: ['spiffe://cluster.local/ns/a/sa/b'] }] }), 'begins with spiffe://, which policies leave out'],
      ['a principal is none', allow({ from: [{ principals: ['admin'] }] }), '"admin" is no principal'],
      ['a range is none', allow({ from: [{ ipBlocks: ['10.0.0.0/33'] }] }), '"10.0.0.0/33" is no address and no range of addresses'],
      ['the versions share an account', ({ mesh, orders, service }) => new AccessPolicy(mesh, 'policy', { service: orders, deny: [{ from: [service('a').version('v2')] }] }),
        'a policy cannot tell version v2 of a from v1: both run as a'],
      ['nobody knows the account', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', {
        service: orders, deny: [{ from: [MeshService.fromSelector(mesh, 'kept', { port: 80, selector: { app: 'kept' } })] }],
      }), 'the service account of kept is not known'],
      ['nobody knows the account of a gateway', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', {
        service: orders, deny: [{ from: [Gateway.fromSelector(mesh, 'edge', { selector: { istio: 'x' }, host: 'a.example.com' })] }],
      }), 'the service account of gateway edge is not known'],
      ['nobody knows the pods of a gateway', ({ mesh }) => new AccessPolicy(mesh, 'policy', { gateway: Gateway.fromName(mesh, 'public', { hosts: ['a.example.com'] }), deny: [{}] }),
        'which pods are behind Gateway shop/public is not known'],
      ['the service belongs to somebody else', ({ mesh }) => new AccessPolicy(mesh, 'policy', { service: MeshService.fromName(mesh, 'pay', { port: 80, namespace: 'pay' }), deny: [{}] }),
        'pay belongs to another repository, and so do its policies'],
      ['the port does not exist', allow({ ports: [81] }), 'orders has no port 81; it has 80'],
      ['a path has a star', allow({ path: Path.exact('/a*b') }), 'the path "/a*b" of a policy has one of the signs * { }'],
      ['a path ignores case', allow({ path: Path.exact('/a', { ignoreCase: true }) }), 'the path "/a" of a policy has `ignoreCase`'],
      ['a path is a regular expression', allow({ path: Path.regex('/a.*') as never }), 'has a regular expression, which AuthorizationPolicy cannot express'],
      ['a header is one', allow({ when: [Header.regex('a', 'b.')] }), 'request.headers[a] is a regular expression'],
      ['a template is none', () => Path.template('/a/b*/c'), 'template "/a/b*/c" has the segment "b*"'],
      ['a template ends too early', () => Path.template('/a/{**}/c'), 'has the segment "{**}"'],
      ['a condition has no value', () => When.header('a'), 'the condition on request.headers[a] has no value'],
      ['an authorizer is to be tried out', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', { service: orders, custom: { provider: ExternalAuthorizer.fromName(mesh, 'x') }, dryRun: true }),
        'only `allow` and `deny` can be tried out'],
      ['the authorizer is unknown', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', { service: orders, custom: { provider: { name: 'none', askedBy: () => undefined } as never } }),
        '`custom.provider` is no ExternalAuthorizer of this App'],
      ['an authorizer is asked about identities', ({ mesh, orders }) => new AccessPolicy(mesh, 'policy', {
        service: orders, custom: { provider: ExternalAuthorizer.fromName(mesh, 'x'), rules: [{ when: [When.namespace('a')] }] },
      }), '`custom` has a rule about source.namespace'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(shop())).toThrow(message));

    test('a version, a path or a rule does not fit, for the compiler already', () => {
      const { mesh, orders, service } = shop();
      const compile = (): unknown => [
        // @ts-expect-error a version that does not exist
        new AccessPolicy(mesh, 'a', { service: orders, deny: [{ from: [service('b').version('v9')] }] }),
        // @ts-expect-error policies compare no regular expressions
        new AccessPolicy(mesh, 'b', { service: orders, deny: [{ path: Path.regex('/a.*') }] }),
        // @ts-expect-error routes compare no suffixes
        orders.route({ match: { path: Path.suffix('.html') } }),
        // @ts-expect-error authorizers are asked before it is known who calls
        new AccessPolicy(mesh, 'c', { service: orders, custom: { provider: ExternalAuthorizer.fromName(mesh, 'x'), rules: [{ from: [orders] }] } }),
        // @ts-expect-error one policy is for one thing
        new AccessPolicy(mesh, 'd', { service: orders, mesh: new Mesh(mesh, 'e'), deny: [{}] }),
      ];
      expect(compile).toThrow();
    });
  });
});
