import { Duration } from 'cdk8s';
import { Claim, Gateway, GatewayApi, JwtAuthentication, MeshService, Path, Port, type TokenRules } from '../src';
import { createWorld } from './world';

const ISSUER = 'https://login.example.com';
const USERS = { issuer: ISSUER, jwksUri: 'https://login.example.com/keys' };

describe('JwtAuthentication', () => {
  test('lets only users through a gateway', () => {
    // GIVEN
    const { mesh, one } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });

    // WHEN
    new JwtAuthentication(mesh, 'users', { gateway: edge, ...USERS, required: true });

    // THEN
    const metadata = { name: 'users', namespace: 'shop' };
    const selector = { matchLabels: { app: 'edge', istio: 'edge' } };
    expect(one('RequestAuthentication', 'users')).toEqual({
      apiVersion: 'security.istio.io/v1', kind: 'RequestAuthentication', metadata, spec: { selector, jwtRules: [{ issuer: ISSUER, jwksUri: 'https://login.example.com/keys' }] },
    });
    expect(one('AuthorizationPolicy', 'users')).toEqual({
      apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata, spec: { selector, action: 'DENY', rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }] }] },
    });
  });

  test('takes everything that Istio knows of tokens', () => {
    const { mesh, service, spec, all } = createWorld();
    new JwtAuthentication(mesh, 'users', {
      service: service('cart'), issuer: ISSUER, jwks: { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] }, audiences: ['shop'],
      from: { headers: ['x-token', { name: 'x-auth', prefix: 'Token ' }], params: ['token'], cookies: ['session'] },
      forward: true, outputPayload: 'x-payload', outputClaims: { 'x-user': 'sub', 'x-role': 'realm.role' }, spaceDelimitedClaims: ['roles'], timeout: Duration.seconds(2),
    });
    expect(spec('RequestAuthentication', 'users')).toEqual({
      selector: { matchLabels: { app: 'cart' } },
      jwtRules: [{
        issuer: ISSUER, jwks: '{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}', audiences: ['shop'],
        fromHeaders: [{ name: 'x-token' }, { name: 'x-auth', prefix: 'Token ' }], fromParams: ['token'], fromCookies: ['session'],
        forwardOriginalToken: true, outputPayloadToHeader: 'x-payload', outputClaimToHeaders: [{ header: 'x-user', claim: 'sub' }, { header: 'x-role', claim: 'realm.role' }],
        spaceDelimitedClaims: ['roles'], timeout: '2s',
      }],
    });
    expect(all('AuthorizationPolicy')).toEqual([]);
  });

  test('spares paths, and ports for connections', () => {
    const { mesh, spec } = createWorld();
    const both = new MeshService(mesh, 'both', { port: [80, Port.tcp(9000)], versions: { v1: { image: 'x' } } });
    new JwtAuthentication(mesh, 'users', { service: both, ...USERS, required: { except: [Path.exact('/health'), Path.prefix('/public/')] } });
    expect(spec('AuthorizationPolicy', 'users').rules).toEqual([
      { from: [{ source: { notRequestPrincipals: ['*'] } }], to: [{ operation: { notPaths: ['/health', '/public/*'], ports: ['80'] } }] },
    ]);
  });

  test('holds for a namespace, the mesh, or a gateway of the Gateway API', () => {
    const { mesh, all, service } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com', api: GatewayApi.KUBERNETES });
    edge.route(service('web'));
    new JwtAuthentication(mesh, 'one', { namespace: 'shop', ...USERS });
    new JwtAuthentication(mesh, 'two', { mesh, ...USERS });
    new JwtAuthentication(mesh, 'three', { gateway: edge, ...USERS });
    expect(all('RequestAuthentication').map(({ metadata, spec }) => [metadata.namespace, metadata.name, spec.targetRefs])).toEqual([
      ['shop', 'one', undefined], ['shop', 'two', undefined], ['shop', 'three', [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' }]],
    ]);
  });

  describe('fails when', () => {
    const users = (rules: Partial<TokenRules> & { jwks?: unknown; jwksUri?: string }) => ({ mesh, service }: ReturnType<typeof createWorld>) =>
      new JwtAuthentication(mesh, 'users', { service: service('a'), issuer: ISSUER, ...rules } as never);
    const failures: [string, (world: ReturnType<typeof createWorld>) => unknown, string][] = [
      ['there is no issuer', users({ issuer: '' }), 'users: has no issuer'],
      ['keys are given twice', users({ jwks: '{}', jwksUri: 'https://a.example.com' }), 'has both `jwks` and `jwksUri`'],
      ['the address of the keys is none', users({ jwksUri: 'login.example.com/keys' }), 'jwksUri "login.example.com/keys" is no address'],
      ['the keys are none', users({ jwks: '{"keys":[]}' }), '`jwks` is no JSON Web Key Set'],
      ['the keys are private', users({ jwks: { keys: [{ kty: 'RSA', d: 'secret' }] } }), 'with public keys only'],
      ['nobody is meant', users({ audiences: [] }), '`audiences` names nobody'],
      ['tokens are nowhere', users({ from: { headers: [] } }), '`from` names no place to look for tokens'],
      ['a header has no name', users({ outputClaims: { 'x user': 'sub' } }), '"x user" is no header name'],
    ];

    test.each(failures)('%s', (_when, act, message) => expect(() => act(createWorld())).toThrow(message));
  });
});

describe('Claim', () => {
  test('chooses a route of a gateway', () => {
    // GIVEN
    const { mesh, service, spec } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com' });
    new JwtAuthentication(mesh, 'users', { gateway: edge, ...USERS });

    // WHEN
    edge.route(service('beta'), { path: Path.prefix('/'), claims: [Claim.exact('group', 'Testers'), Claim.prefix(['realm_access', 'roles'], 'beta')] });
    edge.route(service('members'), { claims: [Claim.present('sub')] });
    edge.route(service('staff'), { claims: [Claim.regex('mail', '.*@example\\.com'), Claim.absent('robot')] });

    // THEN
    expect(spec('VirtualService', 'edge').http.map(({ match }: { match: object[] }) => match)).toEqual([
      [{ uri: { prefix: '/' }, headers: { '@request.auth.claims[group]': { exact: 'Testers' }, '@request.auth.claims[realm_access][roles]': { prefix: 'beta' } } }],
      [{ headers: { '@request.auth.claims[mail]': { regex: '.*@example\\.com' } }, withoutHeaders: { '@request.auth.claims[robot]': { regex: '.*' } } }],
      [{ headers: { '@request.auth.claims[sub]': { regex: '.*' } } }],
    ]);
  });

  test('is no condition of the Gateway API', () => {
    const { mesh, service, all } = createWorld();
    const edge = new Gateway(mesh, 'edge', { host: 'shop.example.com', api: GatewayApi.KUBERNETES });
    edge.route(service('beta'), { claims: [Claim.exact('group', 'testers')] });
    expect(() => all('HTTPRoute')).toThrow('the Gateway API cannot express `match.claims` of a route');
  });

  test.each<[string, () => unknown, string]>([
    ['it has no name', () => Claim.exact('', 'a'), '"" names no claim'],
    ['a name has brackets', () => Claim.exact(['a', 'b]'], 'a'), 'names no claim'],
    ['a prefix is empty', () => Claim.prefix('a', ''), 'the prefix for claim "a" is empty'],
    ['a regular expression is none of RE2', () => Claim.regex('a', '(?=a)'), '(?=a)'],
  ])('fails when %s', (_when, act, message) => expect(act).toThrow(message));
});
