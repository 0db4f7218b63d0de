import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';

import { status } from '@grpc/grpc-js';
import { Registry } from 'prom-client';

import { AuthorityMetrics, placeInFolder, readAuthoritySettings, type TokenReviewStatus } from '../../src/ca';
import { TYPE_URLS } from '../../src/model/configuration';
import { DeltaClient } from '../xds/delta-client';
import { CaClient } from './ca-client';
import { ecKey, keyPem, testAuthority, testRequest } from './test-pki';
import { GOOD, REVIEWS, REVIEWS_ID, TestSecuredPort, UNKNOWN } from './test-secured-port';

const world = new TestSecuredPort();
const { logged, roots, ask, invite, certificateOf } = world;

beforeAll(() => world.open());
afterAll(() => world.close());
beforeEach(() => world.forget());

describe('spoofing is refused, and seen', () => {
  test('nothing shown, another token, an empty one', async () => {
    const csr = await testRequest();
    await expect(ask({ request: { csr } })).rejects.toMatchObject(UNKNOWN);
    await expect(ask({ token: 'guessed', request: { csr } })).rejects.toMatchObject(UNKNOWN);
    await expect(ask({ token: '', request: { csr } })).rejects.toMatchObject(UNKNOWN);
    expect(logged).toHaveLength(3);
    expect(logged[1]).toContain('join token: the token is unknown or has been used');
  });

  test('a used token, although its request was good', async () => {
    const token = invite();
    await ask({ token, request: { csr: await testRequest() } });
    await expect(ask({ token, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
  });

  test('of two who come with one token at once, one gets a certificate', async () => {
    const token = invite();
    const csr = await testRequest();
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => ask({ token, request: { csr } })));
    expect(results.filter(({ status: result }) => result === 'fulfilled')).toHaveLength(1);
  });

  test('an expired token', async () => {
    await expect(ask({ token: invite(REVIEWS, -1), request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged[0]).toContain('the token has expired');
  });

  test('a foreign namespace: its token gives its own name only, whatever the request says', async () => {
    const names = [{ type: 'url' as const, value: REVIEWS_ID }];
    await expect(ask({ token: invite({ namespace: 'evil', serviceAccount: 'reviews' }), request: { csr: await testRequest({ names }) } })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT, details: expect.stringContaining(`it asks for the name "${REVIEWS_ID}", but its sender is spiffe://cluster.local/ns/evil/sa/reviews`) as string,
    });
    expect(logged[0]).toMatch(/^certificate refused .*"workload":"evil\/reviews"/);
    const { certChain } = await ask({ token: invite({ namespace: 'evil', serviceAccount: 'reviews' }), request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe('URI:spiffe://cluster.local/ns/evil/sa/reviews');
  });

  test('its own certificate, for another name', async () => {
    const certificate = await certificateOf();
    const names = [{ type: 'url' as const, value: 'spiffe://cluster.local/ns/bookinfo/sa/ratings' }];
    await expect(ask({ certificate, request: { csr: await testRequest({ names }) } })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test('a certificate of another authority with the right name', async () => {
    const other = await testAuthority('O=cluster.local');
    const { MeshAuthority: Other } = await import('../../src/ca');
    const foreign = new Other({
      place: placeInFolder(join(world.folder, 'foreign'), () => undefined), settings: readAuthoritySettings({}), trust: () => world.trust, metrics: new AuthorityMetrics(new Registry()), log: () => undefined, onChange: () => undefined,
    });
    await foreign.use(undefined);
    const key = ecKey();
    const { chain } = await foreign.authority!.sign(await testRequest({ key }), REVIEWS);
    await expect(ask({ certificate: { chain: chain.join(''), key: keyPem(key) }, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    await expect(ask({ certificate: { chain: other.certificate, key: keyPem(other.key) }, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    foreign.close();
  });

  test('a certificate that has ended, also on a connection that was made before', async () => {
    const certificate = await certificateOf(REVIEWS, 2);
    const client = new CaClient({ address: `127.0.0.1:${world.port}`, roots: roots(), certificate });
    await client.ask({ request: { csr: await testRequest() } });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await expect(client.ask({ request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged.at(-1)).toContain('client certificate: the certificate ended on');
    client.close();
    await expect(ask({ certificate, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
  });

  test('the certificate of the control plane itself, which names no workload', async () => {
    const { chain, key } = await world.authority.issueServer(['istiod.istio-system.svc']);
    await expect(ask({ certificate: { chain: chain.join(''), key }, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged.at(-1)).toContain('not one of the form spiffe://');
  });

  test('somebody else in the metadata of the request', async () => {
    const csr = await testRequest();
    await expect(ask({ token: invite(), request: { csr, metadata: { ImpersonatedIdentity: 'spiffe://cluster.local/ns/a/sa/b' } } }))
      .rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining('nobody may ask for others') as string });
    await expect(ask({ token: invite(), request: { csr, metadata: { CertSigner: 'clusterissuers.x/y' } } })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test('what is no message, or one beyond all measure', async () => {
    await expect(ask({ token: invite(), request: Buffer.from([0x0a, 0xff]) })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(ask({ token: invite(), request: { csr: 'x'.repeat(100_000) } })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining('at most 65536') as string });
  });

  const REVIEWED: readonly [string, TokenReviewStatus | Error, string][] = [
    ['an error', { error: '[invalid bearer token, token lookup failed]' }, 'Kubernetes refuses the token'],
    ['not authenticated', { authenticated: false }, 'Kubernetes does not know the token'],
    ['another audience', { ...GOOD, audiences: ['https://kubernetes.default.svc'] }, 'the token is for https://kubernetes.default.svc, expected istio-ca'],
    ['no audience', { ...GOOD, audiences: [] }, 'the token is for no audience'],
    ['a person', { ...GOOD, user: { username: 'jane', groups: ['system:authenticated'] } }, 'the token is of "jane"'],
    ['a node', { ...GOOD, user: { username: 'system:node:a', groups: ['system:nodes'] } }, 'the token is of "system:node:a"'],
    ['no group', { ...GOOD, user: { ...GOOD.user, groups: [] } }, 'not in the group'],
    ['a name with more parts', { ...GOOD, user: { ...GOOD.user, username: 'system:serviceaccount:a:b:c' } }, 'expected system:serviceaccount'],
    ['a name that cannot stand in an id', { ...GOOD, user: { ...GOOD.user, username: 'system:serviceaccount:a/sa/x:b' } }, 'expected system:serviceaccount'],
    ['an API server that is away', new Error('connect ECONNREFUSED 10.96.0.1:443'), 'failed: connect ECONNREFUSED'],
  ];
  test.each(REVIEWED)('a token of which Kubernetes says: %s', async (_, answer, reason) => {
    world.review = answer;
    await expect(ask({ token: 'eyJ.of.kubernetes', request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged[0]).toContain(reason);
  });

  test('a token of a cluster that nobody knows', async () => {
    world.review = GOOD;
    await expect(ask({ token: 'eyJ.of.kubernetes', cluster: 'elsewhere', request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged[0]).toContain('the caller is of cluster "elsewhere", known are Kubernetes');
  });

  test('no line of the log holds a token, a key or a request', async () => {
    const key = ecKey();
    await ask({ token: invite(), request: { csr: await testRequest({ key }) } });
    await ask({ token: 'kept-secret', request: { csr: await testRequest({ key }) } }).catch(() => undefined);
    const text = logged.join('\n');
    expect(text).not.toMatch(/kept-secret|PRIVATE|BEGIN/);
  });

  test('plain text at the secured port, and a client that trusts another root, get nowhere', async () => {
    const other = await testAuthority('Other');
    await expect(ask({ roots: other.certificate, token: invite(), request: { csr: await testRequest() } })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const plain = new DeltaClient(`127.0.0.1:${world.port}`);
    plain.subscribe(TYPE_URLS.cluster);
    await plain.waitFor(() => plain.error !== undefined);
    plain.close();
  });
});

test('metrics have the names that istiod gives them', async () => {
  const text = await world.registry.metrics();
  for (const name of [
    'citadel_server_csr_count', 'citadel_server_authentication_failure_count', 'citadel_server_csr_parsing_err_count', 'citadel_server_success_cert_issuance_count',
    'citadel_server_csr_sign_err_count{error="CSR_ERROR"}', 'citadel_server_root_cert_expiry_timestamp', 'citadel_server_root_cert_expiry_seconds',
  ]) expect(text).toMatch(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} \\d`, 'm'));
  // There is no chain above a root.
  expect(text).not.toMatch(/^citadel_server_cert_chain_expiry_timestamp \d/m);
});
