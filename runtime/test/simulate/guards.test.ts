import { Compiler, parseNode } from '../../src/compile';
import type { Call, Outcome } from '../../src/simulate';
import { NotModelled, Simulation } from '../../src/simulate';
import { snapshotOf } from '../cases/case';

const WEB = { app: 'web' };
const ALICE = { uris: ['spiffe://cluster.local/ns/default/sa/alice'] };
const KEYS = '{"keys":[{"kty":"EC","crv":"P-256","x":"Bfs5y718YGdxFb3BZjh2h3QpKaKfAoc-GtxnCU1IdwU","y":"IMgwtKUqIlidV572BILX5s--TUy6EXMfc1zc0-iJJsg","kid":"k","alg":"ES256"}]}';

const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: WEB, ports: [{ name: 'http', port: 80, targetPort: 8000 }, { name: 'tcp', port: 9000 }] } };
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: WEB }, spec: { containers: [{ name: 'web', image: 'x', ports: [{ containerPort: 8000 }, { containerPort: 9000 }] }] } };
const security = (kind: string, name: string, spec: object) => ({ apiVersion: 'security.istio.io/v1', kind, metadata: { name }, spec });
const access = (name: string, spec: object) => security('AuthorizationPolicy', name, spec);
const tokens = (...issuers: string[]) => security('RequestAuthentication', 'users', { jwtRules: issuers.map((issuer) => ({ issuer, jwks: KEYS, audiences: ['web'] })) });
const plain = security('PeerAuthentication', 'any', { mtls: { mode: 'PERMISSIVE' } });

function simulation(type: 'sidecar' | 'router', labels: Readonly<Record<string, string>>, ...objects: object[]): Simulation {
  const proxy = parseNode({ id: `${type}~10.0.0.1~web.default~default.svc.cluster.local`, metadata: { NAMESPACE: 'default', LABELS: labels } });
  if (typeof proxy === 'string') {
    throw new Error(proxy);
  }
  const { configuration, problems } = new Compiler().compile(snapshotOf([service, pod, ...objects].map((one) => JSON.stringify(one)).join('\n---\n')), proxy);
  expect(problems.filter(({ severity }) => severity !== 'warning')).toEqual([]);
  return new Simulation(configuration);
}

const inbound = (more: Partial<Call> = {}): Call => ({
  at: 'inbound', address: '10.0.0.1', port: 8000, protocol: 'http', tls: 'mtls', alpn: 'istio', sni: 'outbound_.80_._.web.default.svc.cluster.local', authority: 'web', path: '/', ...more,
});
const status = ({ answer, cluster, error }: Outcome) => answer?.status ?? cluster ?? error;

describe('access', () => {
  const web = simulation('sidecar', WEB, plain,
    access('deny', { action: 'DENY', rules: [{ to: [{ operation: { paths: ['/secret*'], ports: ['8000'] } }] }] }),
    access('allow', { rules: [{ from: [{ source: { principals: ['cluster.local/ns/default/sa/alice'] } }] }, { from: [{ source: { ipBlocks: ['10.1.0.0/16'] } }] }] }));

  test('lets in whom a rule allows, and says by which', () => {
    const outcome = web.run(inbound({ identity: ALICE }));
    expect(outcome).toMatchObject({ cluster: 'inbound|8000||', decisions: [{ filter: 'envoy.filters.http.rbac', allowed: true }, { allowed: true, policy: 'ns[default]-policy[allow]-rule[0]' }] });
  });

  test('answers 403, and still says where the request would have gone', () => {
    const outcome = web.run(inbound({ identity: ALICE, path: '/secret/a' }));
    expect(outcome).toMatchObject({ routeConfig: 'inbound|8000||', answer: { status: 403 }, decisions: [{ allowed: false, policy: 'ns[default]-policy[deny]-rule[0]' }] });
    expect(outcome.cluster).toBeUndefined();
  });

  test('paths are looked at as they are after they were normalized', () => {
    expect(status(web.run(inbound({ identity: ALICE, path: '/a/../secret' })))).toBe(403);
  });

  test('whoever has no identity comes in by address, or not', () => {
    const from = (address: string) => status(web.run(inbound({ tls: 'plaintext', alpn: undefined, sni: undefined, source: { address } })));
    expect(['10.1.2.3', '10.2.0.1'].map(from)).toEqual(['inbound|8000||', 403]);
  });

  test('what the call does not say, and a rule asks for, is an error', () => {
    expect(() => web.run(inbound())).toThrow(NotModelled);
    expect(() => web.run(inbound({ tls: 'plaintext', alpn: undefined, sni: undefined }))).toThrow('address of the source');
  });

  test('connections are closed', () => {
    const tcp = (identity: Call['identity']) => web.run(inbound({ port: 9000, protocol: 'tcp', identity, source: { address: '10.2.0.1' } }));
    expect(tcp(ALICE)).toMatchObject({ cluster: 'inbound|9000||' });
    expect(tcp({ uris: ['spiffe://cluster.local/ns/default/sa/bob'] })).toMatchObject({ error: 'access denied', decisions: [{ filter: 'envoy.filters.network.rbac' }, { allowed: false }] });
  });
});

describe('tokens', () => {
  const web = simulation('sidecar', WEB, plain, tokens('https://a', 'https://b'),
    access('allow', { rules: [{ from: [{ source: { requestPrincipals: ['https://a/*'] } }], when: [{ key: 'request.auth.claims[scope]', values: ['write'] }] }, { to: [{ operation: { paths: ['/public'] } }] }] }));
  const claims = { iss: 'https://a', sub: 'alice', aud: 'web', scope: 'read write' };
  const call = (token: Call['token'], path = '/') => status(web.run(inbound({ identity: ALICE, token, path })));

  test.each<[string, Call['token'], ReturnType<typeof status>]>([
    ['a good one', { claims }, 'inbound|8000||'],
    ['a good one without the claim', { claims: { ...claims, scope: 'read' } }, 403],
    ['one of an issuer whose users are not let in', { claims: { ...claims, iss: 'https://b' } }, 403],
    ['one of nobody', { claims: { ...claims, iss: 'https://c' } }, 401],
    ['one for somebody else', { claims: { ...claims, aud: ['other'] } }, 403],
    ['a forged one', { claims, bad: true }, 401],
    ['none', undefined, 403],
  ])('%s', (_what, token, expected) => {
    expect(call(token)).toBe(expected);
  });

  test('none, where nobody asks for one', () => expect(call(undefined, '/public')).toBe('inbound|8000||'));
  test('a bad one is refused there too', () => expect(call({ claims, bad: true }, '/public')).toBe(401));
});

describe('routes by claims', () => {
  const labels = { app: 'edge' };
  const edge = simulation('router', labels, { ...tokens('https://a') },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'edge' }, spec: { selector: labels, ports: [{ name: 'http', port: 80 }] } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'edge', labels }, spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } },
    { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'edge' }, spec: { selector: labels, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] } },
    { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'web' }, spec: { hosts: ['*'], gateways: ['edge'], http: [
      { match: [{ headers: { '@request.auth.claims.groups': { exact: 'admin' } } }], directResponse: { status: 201 } }, { directResponse: { status: 202 } },
    ] } });
  const call = (token: Call['token']) => status(edge.run({ at: 'gateway', address: '10.0.0.1', port: 80, protocol: 'http', tls: 'plaintext', authority: 'a', path: '/', token }));

  test('are chosen when the token is known', () => {
    const claims = { iss: 'https://a', aud: 'web', groups: ['user', 'admin'] };
    expect([call({ claims }), call({ claims: { ...claims, groups: ['user'] } }), call(undefined), call({ claims, bad: true })]).toEqual([201, 202, 202, 401]);
  });
});

describe('whoever asks somebody else', () => {
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: JSON.stringify({
    extensionProviders: [{ name: 'door', envoyExtAuthzHttp: { service: 'web.default.svc.cluster.local', port: 80 } }],
  }) } };
  const web = simulation('sidecar', WEB, plain, config, access('ask', { action: 'CUSTOM', provider: { name: 'door' }, rules: [{ to: [{ operation: { paths: ['/asked'] } }] }] }));
  const call = (path: string, authorizer?: Call['authorizer']) => status(web.run(inbound({ identity: ALICE, path, authorizer })));

  test('asks where a rule says so', () => {
    expect([call('/'), call('/asked', 'allows'), call('/asked', 'denies')]).toEqual(['inbound|8000||', 'inbound|8000||', 403]);
    expect(() => call('/asked')).toThrow(NotModelled);
  });
});
