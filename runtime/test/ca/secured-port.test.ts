import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { status } from '@grpc/grpc-js';
import { Registry } from 'prom-client';

import { AuthorityMetrics, JoinTokens, MeshAuthority, placeInFolder, readAuthoritySettings, ServiceAccountTokens, type TokenReviewStatus, type Trust } from '../../src/ca';
import { parseNode } from '../../src/compile';
import { SecuredPort } from '../../src/control/secured-port';
import { struct } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { XdsServer } from '../../src/xds';
import { DeltaClient } from '../xds/delta-client';
import { cluster, configuration } from '../xds/fixtures';
import { askForCertificate, CaClient, CHANNEL, channelCredentials, type CaCall } from './ca-client';
import { ecKey, keyPem, rsaKey, testAuthority, testRequest } from './test-pki';

const REVIEWS = { namespace: 'bookinfo', serviceAccount: 'reviews' };
const REVIEWS_ID = 'spiffe://cluster.local/ns/bookinfo/sa/reviews';
const SECRET = { name: 'kubernetes://edge', version: '1', bytes: new Uint8Array([10, 1, 120]) };

/** What API servers answer, word for word where the words count. */
const GOOD: TokenReviewStatus = {
  authenticated: true,
  audiences: ['istio-ca'],
  user: { username: 'system:serviceaccount:bookinfo:reviews', groups: ['system:serviceaccounts', 'system:serviceaccounts:bookinfo', 'system:authenticated'] },
};

let folder: string;
let xds: XdsServer;
let port: SecuredPort;
let plainPort: number;
let authority: MeshAuthority;
let trust: Trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
let review: TokenReviewStatus | Error = GOOD;
const registry = new Registry();
const tokens = new JoinTokens();
const logged: string[] = [];
const withheld: string[] = [];
const refused: string[] = [];
let lastToken = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const log = (_: string, event: object, message: string) => void logged.push(`${message} ${JSON.stringify(event).replaceAll('\\"', '"')}`);
  const metrics = new AuthorityMetrics(registry);
  authority = new MeshAuthority({ place: placeInFolder(folder, log), settings: readAuthoritySettings({}), trust: () => trust, metrics, log, onChange: () => undefined });
  await authority.use(undefined);
  xds = new XdsServer({
    onConnect: ({ id }) => xds.setConfiguration(id, new Map([...configuration({ clusters: [cluster('a')] }), [TYPE_URLS.secret, new Map([[SECRET.name, SECRET]])]])),
    onWithheld: ({ node }) => void withheld.push(node.id),
    onRefused: ({ reason }) => void refused.push(reason),
  });
  const reviewer = { review: ({ audiences }: { audiences: readonly string[] }) => {
    expect(audiences).toEqual(['istio-ca']);
    return review instanceof Error ? Promise.reject(review) : Promise.resolve(review);
  } };
  port = await SecuredPort.open('127.0.0.1:0', {
    xds, authority: authority.authority!, metrics, log, parseNode, trust: () => trust, hosts: ['istiod.istio-system.svc'],
    authenticators: [tokens, new ServiceAccountTokens(new Map([['Kubernetes', reviewer]]))],
  });
  plainPort = await xds.listen('127.0.0.1:0');
});

afterAll(async () => {
  port.close();
  authority.close();
  await xds.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  logged.length = 0;
  review = { authenticated: false };
});

const roots = () => readFileSync(join(folder, 'root-cert.pem'), 'utf8');
const ask = (call: Partial<CaCall>) => askForCertificate({ address: `127.0.0.1:${port.port}`, roots: roots(), request: {}, ...call });

function invite(identity = REVIEWS, lifetime?: number): string {
  const token = `token-of-test-${++lastToken}-kept-secret`;
  tokens.add(token, identity, lifetime);
  return token;
}

async function certificateOf(identity = REVIEWS, seconds = 0): Promise<{ chain: string; key: string }> {
  const key = ecKey();
  const { certChain } = await ask({ token: invite(identity), request: { csr: await testRequest({ key }), validityDuration: seconds } });
  return { chain: certChain.slice(0, -1).join(''), key: keyPem(key) };
}

const UNKNOWN = { code: status.UNAUTHENTICATED, details: 'request authenticate failure' };

describe('a certificate', () => {
  test('is signed for the one whom the token was given to, and the root comes last', async () => {
    const { certChain } = await ask({ token: invite(), request: { csr: await testRequest(), validityDuration: 3600 } });
    expect(certChain).toHaveLength(2);
    const leaf = new X509Certificate(certChain[0]!);
    expect(leaf.subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    expect(certChain[1]).toBe(roots());
    expect(leaf.verify(new X509Certificate(roots()).publicKey)).toBe(true);
    expect(Date.parse(leaf.validTo) - Date.now()).toBeLessThanOrEqual(3600_000);
    expect(logged).toEqual([expect.stringMatching(/^certificate signed .*"workload":"bookinfo\/reviews","proof":"join token"/)]);
  });

  test('is renewed by the certificate at hand, with a new key, without a token (F166, F167)', async () => {
    const first = await certificateOf();
    const key = rsaKey();
    const { certChain } = await ask({ certificate: first, request: { csr: await testRequest({ key, names: [{ type: 'url', value: REVIEWS_ID }] }) } });
    const leaf = new X509Certificate(certChain[0]!);
    expect(leaf.subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    expect(leaf.checkPrivateKey(key)).toBe(true);
    expect(logged.at(-1)).toContain('"proof":"client certificate"');
  });

  test('of a former trust domain is renewed as one of the current', async () => {
    trust = { domain: 'old.example.com', aliases: [] };
    const former = await certificateOf();
    trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
    expect(new X509Certificate(former.chain).subjectAltName).toBe('URI:spiffe://old.example.com/ns/bookinfo/sa/reviews');
    const { certChain } = await ask({ certificate: former, request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    trust = { domain: 'cluster.local', aliases: [] };
    await expect(ask({ certificate: former, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged.at(-1)).toContain('the certificate is of trust domain old.example.com, this mesh is cluster.local');
    trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
  });

  test('by a token of Kubernetes', async () => {
    review = GOOD;
    const { certChain } = await ask({ token: 'eyJ.of.kubernetes', cluster: 'Kubernetes', request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    expect(logged.at(-1)).toContain('"proof":"service account token"');
  });
});

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
      place: placeInFolder(join(folder, 'foreign'), () => undefined), settings: readAuthoritySettings({}), trust: () => trust, metrics: new AuthorityMetrics(new Registry()), log: () => undefined, onChange: () => undefined,
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
    const client = new CaClient({ address: `127.0.0.1:${port.port}`, roots: roots(), certificate });
    await client.ask({ request: { csr: await testRequest() } });
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await expect(client.ask({ request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged.at(-1)).toContain('client certificate: the certificate ended on');
    client.close();
    await expect(ask({ certificate, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
  });

  test('the certificate of the control plane itself, which names no workload', async () => {
    const { chain, key } = await authority.authority!.issueServer(['istiod.istio-system.svc']);
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
    review = answer;
    await expect(ask({ token: 'eyJ.of.kubernetes', request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged[0]).toContain(reason);
  });

  test('a token of a cluster that nobody knows', async () => {
    review = GOOD;
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
    const plain = new DeltaClient(`127.0.0.1:${port.port}`);
    plain.subscribe(TYPE_URLS.cluster);
    await plain.waitFor(() => plain.error !== undefined);
    plain.close();
  });
});

describe('configuration at the secured port', () => {
  const node = (account: string | undefined, namespace = 'bookinfo') => ({
    id: `sidecar~10.0.0.1~reviews-1.${namespace}~${namespace}.svc.cluster.local`,
    metadata: struct({ NAMESPACE: namespace, ...(account ? { SERVICE_ACCOUNT: account } : {}) }),
  });

  async function connect(certificate: CaCall['certificate'] | undefined, who: ReturnType<typeof node>): Promise<{ names: readonly string[]; error?: string }> {
    const client = new DeltaClient(`127.0.0.1:${port.port}`, who.id, false, { credentials: channelCredentials(roots(), certificate), options: CHANNEL });
    client.send({ typeUrl: TYPE_URLS.secret, resourceNamesSubscribe: [SECRET.name], node: who });
    await client.waitFor(() => client.error !== undefined || client.received.length > 0);
    client.close();
    return { names: client.received[0]?.resources ?? [], ...(client.error ? { error: client.error.message } : {}) };
  }

  test('is for the workload that its certificate names, with Secrets', async () => {
    expect(await connect(await certificateOf(), node('reviews'))).toEqual({ names: [`${SECRET.name}@1`] });
  });

  test.each([
    ['another account', node('ratings'), 'the node says it is bookinfo/ratings, its certificate is of bookinfo/reviews'],
    ['another namespace', node('reviews', 'payments'), 'the node says it is payments/reviews, its certificate is of bookinfo/reviews'],
    ['no account', node(undefined), 'the node says it is bookinfo/default, its certificate is of bookinfo/reviews'],
    ['another namespace in its metadata', { ...node('reviews'), metadata: struct({ NAMESPACE: 'payments', SERVICE_ACCOUNT: 'reviews' }) }, 'the node says it is payments/reviews'],
    ['no form of ours', { ...node('reviews'), id: 'me' }, 'is not of the form'],
  ])('is not for a node that names %s', async (_, who, reason) => {
    const { names, error } = await connect(await certificateOf(), who);
    expect(names).toEqual([]);
    expect(error).toMatch(/PERMISSION_DENIED: authorization failed/);
    expect(error).toContain(reason);
    expect(refused.at(-1)).toContain(reason);
  });

  test('is not for who shows no certificate', async () => {
    expect((await connect(undefined, node('reviews'))).error).toContain('no client certificate was shown');
  });

  test('comes without Secrets in plain text over TCP, which is told', async () => {
    const client = new DeltaClient(`127.0.0.1:${plainPort}`);
    client.subscribe(TYPE_URLS.cluster);
    client.ack(await client.next());
    client.subscribe(TYPE_URLS.secret, [SECRET.name]);
    const answer = await client.next();
    expect(answer).toMatchObject({ typeUrl: TYPE_URLS.secret, resources: [], removed: [SECRET.name] });
    client.close();
    expect(withheld).toHaveLength(1);
  });
});

test('metrics have the names that istiod gives them', async () => {
  const text = await registry.metrics();
  for (const name of [
    'citadel_server_csr_count', 'citadel_server_authentication_failure_count', 'citadel_server_csr_parsing_err_count', 'citadel_server_success_cert_issuance_count',
    'citadel_server_csr_sign_err_count{error="CSR_ERROR"}', 'citadel_server_root_cert_expiry_timestamp', 'citadel_server_root_cert_expiry_seconds',
  ]) expect(text).toMatch(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} \\d`, 'm'));
  // There is no chain above a root.
  expect(text).not.toMatch(/^citadel_server_cert_chain_expiry_timestamp \d/m);
});
