import { X509Certificate } from 'node:crypto';

import { struct } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { DeltaClient } from '../xds/delta-client';
import { CHANNEL, channelCredentials, type CaCall } from './ca-client';
import { rsaKey, testRequest } from './test-pki';
import { GOOD, REVIEWS_ID, SECRET, TestSecuredPort, UNKNOWN } from './test-secured-port';

const world = new TestSecuredPort();
const { logged, withheld, refused, roots, ask, invite, certificateOf } = world;

beforeAll(() => world.open());
afterAll(() => world.close());
beforeEach(() => world.forget());

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
    world.trust = { domain: 'old.example.com', aliases: [] };
    const former = await certificateOf();
    world.trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
    expect(new X509Certificate(former.chain).subjectAltName).toBe('URI:spiffe://old.example.com/ns/bookinfo/sa/reviews');
    const { certChain } = await ask({ certificate: former, request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    world.trust = { domain: 'cluster.local', aliases: [] };
    await expect(ask({ certificate: former, request: { csr: await testRequest() } })).rejects.toMatchObject(UNKNOWN);
    expect(logged.at(-1)).toContain('the certificate is of trust domain old.example.com, this mesh is cluster.local');
    world.trust = { domain: 'cluster.local', aliases: ['old.example.com'] };
  });

  test('by a token of Kubernetes', async () => {
    world.review = GOOD;
    const { certChain } = await ask({ token: 'eyJ.of.kubernetes', cluster: 'Kubernetes', request: { csr: await testRequest() } });
    expect(new X509Certificate(certChain[0]!).subjectAltName).toBe(`URI:${REVIEWS_ID}`);
    expect(logged.at(-1)).toContain('"proof":"service account token"');
  });
});

describe('configuration at the secured port', () => {
  const node = (account: string | undefined, namespace = 'bookinfo') => ({
    id: `sidecar~10.0.0.1~reviews-1.${namespace}~${namespace}.svc.cluster.local`,
    metadata: struct({ NAMESPACE: namespace, ...(account ? { SERVICE_ACCOUNT: account } : {}) }),
  });

  async function connect(certificate: CaCall['certificate'] | undefined, who: ReturnType<typeof node>): Promise<{ names: readonly string[]; error?: string }> {
    const client = new DeltaClient(`127.0.0.1:${world.port}`, who.id, false, { credentials: channelCredentials(roots(), certificate), options: CHANNEL });
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
    const client = new DeltaClient(`127.0.0.1:${world.plainPort}`);
    client.subscribe(TYPE_URLS.cluster);
    client.ack(await client.next());
    client.subscribe(TYPE_URLS.secret, [SECRET.name]);
    const answer = await client.next();
    expect(answer).toMatchObject({ typeUrl: TYPE_URLS.secret, resources: [], removed: [SECRET.name] });
    client.close();
    expect(withheld).toHaveLength(1);
  });
});
