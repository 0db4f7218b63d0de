/** The authority in a cluster: `npm run kube` runs it against a real kube-apiserver, with the rights that the library emits and no others. */
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiServer } from '../../../tools/kube/api-server';
import { KeptSecret, KubernetesApi, readInCluster } from '../../src/kubernetes/api';
import { askForCertificate } from '../ca/ca-client';
import { cacerts, ecKey, testAuthority, testRequest } from '../ca/test-pki';
import { install, make, rootsIn, secretOf, TestControl, textOf, tokenOf, until, withClaims } from './cluster';

const AUDIENCE = 'istio-ca';
let server: ApiServer;
let open: TestControl[] = [];
const tokens: string[] = [];
const logged: string[] = [];
let namespaces = 0;

beforeAll(async () => {
  server = await ApiServer.start();
  await make(server, '/api/v1/namespaces', { metadata: { name: 'shop' } });
  for (const name of ['cart', 'leaving']) await make(server, '/api/v1/namespaces/shop/serviceaccounts', { metadata: { name } });
}, 600_000);

afterEach(async () => {
  await Promise.all(open.map((control) => control.stop()));
  logged.push(...open.flatMap(({ lines }) => lines));
  open = [];
});

afterAll(() => server?.stop());

/** A namespace for a control plane, with all that is emitted but the Deployment. */
async function newHome(kinds?: readonly string[]): Promise<string> {
  const namespace = `mesh-${++namespaces}`;
  await install(server, namespace, kinds);
  return namespace;
}

async function start(namespace: string, env: Record<string, string> = {}): Promise<TestControl> {
  const token = await tokenOf(server, { namespace, account: 'istiod' });
  tokens.push(token);
  const control = new TestControl(server, { namespace, token, env });
  open.push(control);
  return control;
}

/** A certificate for who has that token. */
async function ask(control: TestControl, token: string, more: { readonly csr?: string; readonly cluster?: string } = {}): Promise<readonly string[]> {
  tokens.push(token);
  const { csr = await testRequest(), cluster } = more;
  const roots = await rootsOf(control);
  return (await askForCertificate({ address: control.address, roots, token, ...(cluster === undefined ? {} : { cluster }), request: { csr } })).certChain;
}

async function rootsOf(control: TestControl): Promise<string> {
  await control.serving();
  await until(async () => await rootsIn(server, 'shop') !== undefined);
  return (await rootsIn(server, 'shop'))!;
}

const cart = () => tokenOf(server, { namespace: 'shop', account: 'cart', audience: AUDIENCE });
const nameIn = (pem: string | undefined) => new X509Certificate(pem!).subjectAltName;
const isOf = (leaf: string | undefined, root: string) => new X509Certificate(leaf!).verify(new X509Certificate(root).publicKey);

/** Control planes of other tests have told other roots: each test begins without. */
beforeEach(() => server.delete('/api/v1/namespaces/shop/configmaps/istio-ca-root-cert'));

describe('a root of its own', () => {
  test('is one, although two control planes begin at the same time, and a restart keeps it', async () => {
    const home = await newHome();
    const both = await Promise.all([start(home), start(home)]);
    await Promise.all(both.map((control) => control.serving()));
    const secret = await secretOf(server, home, 'istio-ca-secret');
    expect(secret?.type).toBe('istio.io/ca-root');
    expect(Object.keys(secret!.data!).sort()).toEqual(['ca-cert.pem', 'ca-key.pem', 'cert-chain.pem', 'key.pem', 'root-cert.pem']);
    const root = textOf(secret, 'root-cert.pem');
    for (const control of both) expect(isOf((await ask(control, await cart()))[0], root)).toBe(true);
    expect(both.filter((control) => control.said('made a root of its own')).length).toBe(1);
    await Promise.all(both.map((control) => control.stop()));

    const next = await start(home);
    expect(isOf((await ask(next, await cart()))[0], root)).toBe(true);
    expect(await secretOf(server, home, 'istio-ca-secret')).toEqual(secret);
  }, 180_000);

  test('is renewed in its Secret, with the same key, and the other control plane takes that over', async () => {
    const home = await newHome();
    const env = { CITADEL_SELF_SIGNED_CA_CERT_TTL: '60s', CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL: '1s', CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE: '90' };
    const both = [await start(home, env), await start(home, env)];
    await Promise.all(both.map((control) => control.serving()));
    const first = textOf(await secretOf(server, home, 'istio-ca-secret'), 'ca-cert.pem');
    await until(() => both.every((control) => control.said('of its own, renewed')), () => both.map(({ lines }) => lines.join('\n')).join('\n\n'));
    const roots = textOf(await secretOf(server, home, 'istio-ca-secret'), 'root-cert.pem');
    expect(roots).toContain(first.trim());
    for (const control of both) expect(isOf((await ask(control, await cart()))[0], first)).toBe(true);
  }, 180_000);

  test('that istiod has made is taken over: there the entry root-cert.pem is empty', async () => {
    const home = await newHome();
    const root = await testAuthority('cluster.local');
    const entries = { 'ca-cert.pem': root.certificate, 'ca-key.pem': cacerts(root, [], root).get('ca-key.pem')!, 'cert-chain.pem': '', 'key.pem': '', 'root-cert.pem': '' };
    await make(server, `/api/v1/namespaces/${home}/secrets`, { metadata: { name: 'istio-ca-secret' }, type: 'istio.io/ca-root', stringData: entries });
    const control = await start(home);
    expect(isOf((await ask(control, await cart()))[0], root.certificate)).toBe(true);
  }, 180_000);

  test('waits for the right to write it: until then nothing is signed, and then it is, without a restart', async () => {
    const home = await newHome(['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding']);
    const control = await start(home);
    await until(() => control.said('no certificates are signed'), () => control.lines.join('\n'));
    expect(control.said('cannot create resource')).toBe(true);
    expect(control.said('serving certificates')).toBe(false);
    await install(server, home, ['Role', 'RoleBinding']);
    expect(nameIn((await ask(control, await cart()))[0])).toBe('URI:spiffe://cluster.local/ns/shop/sa/cart');
  }, 180_000);
});

test('of many that write a Secret at the same time one is first, and all get what it wrote; pods find the server by what a kubelet gives them', async () => {
  const namespace = await newHome();
  const folder = mkdtempSync(join(tmpdir(), 'account-'));
  writeFileSync(join(folder, 'token'), await tokenOf(server, { namespace, account: 'istiod' }), { mode: 0o600 });
  writeFileSync(join(folder, 'namespace'), namespace);
  copyFileSync(server.certificate, join(folder, 'ca.crt'));
  const { hostname, port } = new URL(server.url);
  const access = readInCluster({ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }, folder)!;
  const api = new KubernetesApi(access);
  const writers = Array.from({ length: 12 }, () => new KeptSecret(api, { namespace: access.namespace!, name: 'istio-ca-secret', type: 'istio.io/ca-root' }));
  const round = async (word: string) => {
    await Promise.all(writers.map((writer) => writer.read()));
    return new Set((await Promise.all(writers.map((writer, index) => writer.write(new Map([['ca-cert.pem', `${word} ${index}`]]))))).map((kept) => kept.get('ca-cert.pem')));
  };
  expect([...await round('made by')]).toEqual([textOf(await secretOf(server, namespace, 'istio-ca-secret'), 'ca-cert.pem')]);
  expect([...await round('renewed by')]).toEqual([expect.stringMatching(/^renewed by \d+$/)]);
  await expect(api.send({ method: 'GET', path: '/apis/apps/v1/deployments' })).rejects.toThrow(/^GET .* 403 deployments.apps is forbidden/);
  api.close();
  rmSync(folder, { recursive: true });
}, 120_000);

describe('tokens', () => {
  let control: TestControl;
  const refused = (token: string, cluster?: string) => expect(ask(control, token, cluster === undefined ? {} : { cluster })).rejects.toThrow('UNAUTHENTICATED');

  beforeEach(async () => {
    control = await start(await newHome());
  }, 120_000);

  test('name the account; what a request asks for beyond that is refused', async () => {
    const token = await cart();
    expect(nameIn((await ask(control, token))[0])).toBe('URI:spiffe://cluster.local/ns/shop/sa/cart');
    expect(nameIn((await ask(control, token, { cluster: 'Kubernetes' }))[0])).toBe('URI:spiffe://cluster.local/ns/shop/sa/cart');
    const csr = await testRequest({ key: ecKey(), names: [{ type: 'url', value: 'spiffe://cluster.local/ns/shop/sa/till' }] });
    await expect(ask(control, token, { csr })).rejects.toThrow('INVALID_ARGUMENT');
  }, 120_000);

  test('of others are refused: a foreign audience, another cluster, an end that is past, an account that is gone, no token at all', async () => {
    await refused(await tokenOf(server, { namespace: 'shop', account: 'cart' }));
    await refused(await tokenOf(server, { namespace: 'shop', account: 'cart', audience: 'vault' }));
    await refused(await cart(), 'another-cluster');
    const now = Math.floor(Date.now() / 1000);
    const good = await cart();
    expect(nameIn((await ask(control, withClaims(server, good, { exp: now + 60 })))[0])).toContain('/sa/cart');
    await refused(withClaims(server, good, { iat: now - 7200, nbf: now - 7200, exp: now - 3600 }));
    const left = await tokenOf(server, { namespace: 'shop', account: 'leaving', audience: AUDIENCE });
    await server.delete('/api/v1/namespaces/shop/serviceaccounts/leaving');
    await refused(left);
    await refused(`${good.slice(0, -4)}AAAA`);
    await refused('nothing');
  }, 120_000);

  test('of pods end with the pod', async () => {
    await make(server, '/api/v1/namespaces/shop/pods', { metadata: { name: 'cart-1' }, spec: { serviceAccountName: 'cart', containers: [{ name: 'app', image: 'cart:1' }] } });
    const { uid } = (await server.get('/api/v1/namespaces/shop/pods/cart-1')).body.metadata as { uid: string };
    const spec = { audiences: [AUDIENCE], expirationSeconds: 3600, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'cart-1', uid } };
    const bound = async () => ((await server.post('/api/v1/namespaces/shop/serviceaccounts/cart/token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })).body.status as { token: string }).token;
    expect(nameIn((await ask(control, await bound()))[0])).toBe('URI:spiffe://cluster.local/ns/shop/sa/cart');
    const other = await bound();
    await server.delete('/api/v1/namespaces/shop/pods/cart-1?gracePeriodSeconds=0');
    await refused(other);
  }, 120_000);
});

test('the Secret cacerts wins, and is followed: another intermediate, another root beside the first', async () => {
  const home = await newHome();
  const [root, second] = [await testAuthority('Example Root'), await testAuthority('Second Root')];
  const [one, two] = [await testAuthority('One', { issuer: root }), await testAuthority('Two', { issuer: root })];
  const path = `/api/v1/namespaces/${home}/secrets`;
  const secret = (files: ReadonlyMap<string, string>) => ({ metadata: { name: 'cacerts' }, stringData: Object.fromEntries(files) });
  await make(server, path, secret(cacerts(one, [], root)));
  const control = await start(home);
  expect((await ask(control, await cart()))[1]).toBe(one.certificate);
  expect(await secretOf(server, home, 'istio-ca-secret')).toBeUndefined();

  await server.put(`${path}/cacerts`, secret(cacerts(two, [], root)));
  await until(() => control.lines.filter((line) => line.includes('"signing certificates"')).length === 2, () => control.lines.join('\n'));
  expect((await ask(control, await cart()))[1]).toBe(two.certificate);

  const both = new Map(cacerts(two, [], root)).set('root-cert.pem', root.certificate + second.certificate);
  await server.put(`${path}/cacerts`, secret(both));
  await until(async () => (await rootsIn(server, 'shop'))?.split('BEGIN').length === 3);

  await server.put(`${path}/cacerts`, secret(cacerts(await testAuthority('Three', { issuer: await testAuthority('Stranger') }), [], await testAuthority('Stranger'))));
  await until(() => control.said('the authority stays as it was'), () => control.lines.join('\n'));
  expect((await ask(control, await cart()))[1]).toBe(two.certificate);
}, 180_000);

test('every namespace has the roots, those that come later too; who spoils or removes them does so for a moment', async () => {
  const control = await start(await newHome());
  const roots = await rootsOf(control);
  await make(server, '/api/v1/namespaces', { metadata: { name: 'later' } });
  await until(async () => await rootsIn(server, 'later') === roots);
  const path = '/api/v1/namespaces/later/configmaps/istio-ca-root-cert';
  await server.put(path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio-ca-root-cert' }, data: { 'root-cert.pem': 'spoiled', 'more': 'stays' } });
  await until(async () => await rootsIn(server, 'later') === roots);
  expect((await server.get(path)).body.data).toMatchObject({ more: 'stays' });
  await server.delete(path);
  await until(async () => await rootsIn(server, 'later') === roots);
  expect(await rootsIn(server, 'kube-system')).toBeUndefined();
}, 180_000);

test('logs hold neither tokens nor keys', () => {
  const text = logged.join('\n');
  expect(text).toContain('certificate signed');
  expect(text).not.toContain('PRIVATE KEY');
  // The head of a token is the same for all of a key, and says nothing.
  for (const token of tokens) expect(text).not.toContain(token.split('.').at(1) ?? token);
});
