import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';
import { AuthorityMetrics, MeshAuthority, placeInFolder, readAuthoritySettings, type CaFiles } from '../../src/ca';
import { followCaFolder } from '../../src/ca/ca-folder';
import { cacerts, testAuthority, testRequest } from './test-pki';

const REVIEWS = { namespace: 'bookinfo', serviceAccount: 'reviews' };
let folder: string;
let open: MeshAuthority[] = [];
let logged: string[] = [];

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ca-')); });
afterEach(() => {
  open.forEach((authority) => authority.close());
  [open, logged] = [[], []];
  rmSync(folder, { recursive: true });
});

const log = (_: string, event: object, message: string) => void logged.push(`${message} ${JSON.stringify(event)}`);

function make(env: Record<string, string> = {}, metrics = new AuthorityMetrics(new Registry()), place = placeInFolder(folder, log)): MeshAuthority {
  const authority = new MeshAuthority({
    place, settings: readAuthoritySettings(env), trust: () => ({ domain: 'cluster.local', aliases: [] }), metrics, log, onChange: () => undefined,
  });
  open.push(authority);
  return authority;
}

const roots = () => readFileSync(join(folder, 'root-cert.pem'), 'utf8');
const leaf = async (authority: MeshAuthority) => (await authority.authority!.sign(await testRequest(), REVIEWS)).chain;

describe('a root of its own', () => {
  test('is kept: after a restart the same root signs', async () => {
    const first = make();
    await first.use(undefined);
    const before = roots();
    const second = make();
    await second.use(undefined);
    expect(roots()).toBe(before);
    expect(new X509Certificate((await leaf(second))[0]!).verify(new X509Certificate(before).publicKey)).toBe(true);
  });

  test('has a key that only its owner may read, and so has its folder', async () => {
    await make().use(undefined);
    const modes = (path: string) => statSync(join(folder, path)).mode & 0o777;
    expect(readdirSync(folder).sort()).toEqual(['root-cert.pem', 'self-signed']);
    expect(readdirSync(join(folder, 'self-signed')).sort()).toEqual(['ca-cert.pem', 'ca-key.pem', 'root-cert.pem']);
    expect([modes('self-signed'), modes('self-signed/ca-key.pem'), modes('root-cert.pem')]).toEqual([0o700, 0o600, 0o644]);
    expect(roots()).not.toContain('KEY');
  });

  test('whose key others could read is closed, and that is told', async () => {
    await make().use(undefined);
    chmodSync(join(folder, 'self-signed/ca-key.pem'), 0o644);
    await make().use(undefined);
    expect(statSync(join(folder, 'self-signed/ca-key.pem')).mode & 0o777).toBe(0o600);
    expect(logged.some((line) => line.startsWith('the key could be read by others'))).toBe(true);
  });

  test('of which only the key was written is made anew; one that is broken is told, and nothing is signed', async () => {
    mkdirSync(join(folder, 'self-signed'));
    writeFileSync(join(folder, 'self-signed/ca-key.pem'), 'half');
    const authority = make();
    await authority.use(undefined);
    expect(authority.faults).toEqual([]);
    writeFileSync(join(folder, 'self-signed/ca-key.pem'), 'broken');
    const next = make();
    await next.use(undefined);
    expect(next.authority).toBeUndefined();
    expect(next.faults).toEqual([{ entry: 'ca-key.pem', message: expect.stringMatching(/^holds no private key/) as string }]);
  });

  test('is renewed before it ends, while it signs: the former root stays beside the new one', async () => {
    const authority = make({ CITADEL_SELF_SIGNED_CA_CERT_TTL: '10s', CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL: '1s', CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE: '99' });
    await authority.use(undefined);
    const before = roots();
    const old = (await leaf(authority))[0]!;
    while (roots() === before) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(roots()).toContain(before);
    const [current] = authority.authority!.material.roots;
    expect(new X509Certificate(old).verify(new X509Certificate(current!).publicKey)).toBe(true);
  }, 20_000);

  test('is renewed also while something is plugged in that cannot be used, which goes on being told', async () => {
    const authority = make({ CITADEL_SELF_SIGNED_CA_CERT_TTL: '10s', CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL: '1s', CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE: '99' });
    await authority.use(undefined);
    const before = roots();
    const stranger = await testAuthority('Stranger');
    await authority.use(cacerts(stranger, [], stranger));
    while (roots() === before) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(roots()).toContain(before);
    expect(authority.faults[0]?.message).toMatch(/^shares no root/);
  }, 20_000);

  test('waits for where it is kept: out of reach at first, it signs later, and asks nobody to begin anew', async () => {
    const place = placeInFolder(folder, log);
    let away = true;
    const read = () => (away ? Promise.reject(new Error('GET secrets: 503')) : place.keep.read());
    const authority = make({}, new AuthorityMetrics(new Registry()), { ...place, keep: { name: 'far away', read, write: (files) => place.keep.write(files) } });
    await authority.use(undefined);
    expect(authority.authority).toBeUndefined();
    expect(authority.faults).toEqual([{ entry: '', message: 'cannot be used: GET secrets: 503' }]);
    away = false;
    while (!authority.authority) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await leaf(authority)).toHaveLength(1);
    expect(authority.faults).toEqual([]);
  }, 20_000);

  test('that ended while nobody was there is renewed at the start', async () => {
    const first = make({ CITADEL_SELF_SIGNED_CA_CERT_TTL: '1s' });
    await first.use(undefined);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await expect(leaf(first)).rejects.toThrow('ended on');
    const second = make();
    await second.use(undefined);
    expect(await leaf(second)).toHaveLength(1);
  });
});

describe('an authority that is plugged in', () => {
  test('signs, and its root is what agents are given', async () => {
    const root = await testAuthority('Root');
    const signer = await testAuthority('Signer', { issuer: root });
    const registry = new Registry();
    const authority = make({}, new AuthorityMetrics(registry));
    await authority.use(cacerts(signer, [], root));
    expect(roots()).toBe(root.certificate);
    expect((await leaf(authority))[1]).toBe(signer.certificate);
    expect(readdirSync(folder)).toEqual(['root-cert.pem']);
    expect(await registry.metrics()).toMatch(/^citadel_server_cert_chain_expiry_timestamp \d{10}$/m);
  });

  test('and is broken signs nothing: there is no falling back to another root', async () => {
    const authority = make();
    await authority.use(new Map([['ca-cert.pem', 'x']]));
    expect(authority.authority).toBeUndefined();
    expect(authority.faults.map(({ entry }) => entry)).toEqual(['ca-key.pem', 'root-cert.pem']);
    const root = await testAuthority('Root');
    await authority.use(cacerts(root, [], root));
    expect(authority.faults).toEqual([]);
    expect(await leaf(authority)).toHaveLength(1);
  });

  test('and becomes broken changes nothing', async () => {
    const root = await testAuthority('Root');
    const authority = make();
    await authority.use(cacerts(root, [], root));
    await authority.use(new Map([...cacerts(root, [], root)]).set('ca-key.pem', 'x'));
    expect(authority.faults).toHaveLength(1);
    expect(await leaf(authority)).toHaveLength(1);
    expect(roots()).toBe(root.certificate);
  });

  test('changes its intermediate while it signs', async () => {
    const root = await testAuthority('Root');
    const [one, two] = [await testAuthority('One', { issuer: root }), await testAuthority('Two', { issuer: root })];
    const authority = make();
    await authority.use(cacerts(one, [], root));
    expect((await leaf(authority))[1]).toBe(one.certificate);
    await authority.use(cacerts(two, [], root));
    expect((await leaf(authority))[1]).toBe(two.certificate);
    expect(roots()).toBe(root.certificate);
  });

  test('changes its root in three steps, never in one', async () => {
    const [old, next] = [await testAuthority('Old'), await testAuthority('Next')];
    const [before, after] = [await testAuthority('Before', { issuer: old }), await testAuthority('After', { issuer: next })];
    const both = (files: CaFiles) => new Map(files).set('root-cert.pem', old.certificate + next.certificate);
    const authority = make();
    await authority.use(cacerts(before, [], old));
    await authority.use(cacerts(after, [], next));
    expect(authority.faults).toEqual([{ entry: 'root-cert.pem', message: expect.stringMatching(/^shares no root .* first add the new root beside the present ones/) as string }]);
    expect((await leaf(authority))[1]).toBe(before.certificate);
    await authority.use(both(cacerts(before, [], old)));
    expect(authority.faults).toEqual([]);
    expect(roots()).toBe(old.certificate + next.certificate);
    await authority.use(both(cacerts(after, [], next)));
    expect((await leaf(authority))[1]).toBe(after.certificate);
    await authority.use(cacerts(after, [], next));
    expect(roots()).toBe(next.certificate);
    expect(authority.faults).toEqual([]);
  });

  test('later, over a root of its own that workloads trust, is refused; it may be added', async () => {
    const root = await testAuthority('Root');
    const authority = make();
    await authority.use(undefined);
    const own = roots();
    await authority.use(cacerts(root, [], root));
    expect(authority.faults[0]?.message).toMatch(/^shares no root/);
    await authority.use(new Map(cacerts(root, [], root)).set('root-cert.pem', own + root.certificate));
    expect(authority.faults).toEqual([]);
  });
});

test('a folder is followed: several files, written one after the other, are one change', async () => {
  const [one, two] = [await testAuthority('One'), await testAuthority('Two')];
  const write = (files: CaFiles) => files.forEach((text, name) => writeFileSync(join(folder, name), text));
  write(cacerts(one, [], one));
  const seen: CaFiles[] = [];
  const stop = followCaFolder(folder, (files) => seen.push(files), 100);
  for (const [name, text] of cacerts(two, [], two)) {
    writeFileSync(join(folder, name), text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop();
  expect(seen).toHaveLength(1);
  expect(seen[0]!.get('ca-cert.pem')).toBe(two.certificate);
});

test('settings have the names that istiod gives them; what makes no sense is told', () => {
  const HOUR = 3_600_000;
  expect(readAuthoritySettings({})).toEqual({
    defaultLifetime: 24 * HOUR, longestLifetime: 2160 * HOUR, rootLifetime: 87_600 * HOUR, rootCheckInterval: HOUR, rootGracePercent: 20, keyType: 'ecdsa', rsaBits: 2048,
  });
  const env = { DEFAULT_WORKLOAD_CERT_TTL: '1h30m', MAX_WORKLOAD_CERT_TTL: '48h0m0s', CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: '4096', CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL: '0' };
  expect(readAuthoritySettings(env)).toMatchObject({ defaultLifetime: 1.5 * HOUR, longestLifetime: 48 * HOUR, keyType: 'rsa', rsaBits: 4096, rootCheckInterval: 0 });
  expect(() => readAuthoritySettings({ DEFAULT_WORKLOAD_CERT_TTL: '1 day' })).toThrow('DEFAULT_WORKLOAD_CERT_TTL is "1 day", expected a duration as in Go');
  expect(() => readAuthoritySettings({ CITADEL_SELF_SIGNED_CA_RSA_KEY_SIZE: '1024' })).toThrow('expected a whole number from 2048 to 8192');
});
