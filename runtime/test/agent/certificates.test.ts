import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { poll } from '../xds/envoy-process';
import { answered, SecretWorld } from './secret-world';
import type { TlsEnvoy } from './tls-envoys';

jest.setTimeout(120_000);

let world: SecretWorld;

beforeEach(async () => {
  world = await SecretWorld.create();
});

afterEach(() => world.close());

test('two Envoys call each other with what their agents serve', async () => {
  await world.agent('orders');
  await world.agent('front');
  const { client } = await world.pair('orders', 'front');

  expect((await client.get()).headers['x-peer']).toMatch(/^spiffe:\/\/cluster.local\/ns\/shop\/sa\/front [0-9a-f]+$/);
  expect(statSync(world.socketOf('front')).mode & 0o777).toBe(0o600);
  expect(world.logs.filter((line) => !line.includes(' info '))).toEqual([]);
});

test('an Envoy that starts again gets the same certificate', async () => {
  await world.agent('orders');
  await world.agent('front');
  const { client } = await world.pair('orders', 'front');
  const before = (await client.get()).headers['x-peer'];
  await client.stop();
  await client.start();

  expect((await answered(client)).headers['x-peer']).toBe(before);
});

test('keys are ECDSA, or RSA where that is wished', async () => {
  const kinds = await Promise.all([{}, { WORKLOAD_RSA_KEY_SIZE: '2048' }, { ECC_SIGNATURE_ALGORITHM: 'ECDSA', ECC_CURVE: 'P384' }].map(async (env, index) => {
    const agent = await world.agent(`kind-${index}`, env as Record<string, string>);
    const { chain } = await poll(() => Promise.resolve(agent.current));
    return new X509Certificate(chain).publicKey.asymmetricKeyDetails;
  }));
  expect(kinds).toEqual([{ namedCurve: 'prime256v1' }, expect.objectContaining({ modulusLength: 2048 }), { namedCurve: 'secp384r1' }]);
});

describe('rotation', () => {
  test('of leaves, of the intermediate and of the root: no call fails, and the old root goes when its certificates are gone', async () => {
    const env = { SECRET_TTL: '8s' };
    await world.agent('orders', env);
    const front = await world.agent('front', env);
    const { server, client } = await world.pair('orders', 'front');
    const load = world.load(client);
    const { authority } = world;

    await renewed(() => front.current?.serial);
    await authority.newIntermediate();
    await renewed(() => front.current?.serial);
    const [old] = authority.roots;
    // First everybody trusts the new root, then it signs, then the old one is no longer named.
    await authority.addRoot();
    world.publishRoots();
    await poll(async () => ((await roots(server)) === 2 && (await roots(client)) === 2 ? true : undefined));
    await authority.signWithNewest();
    await renewed(() => front.current?.serial);
    authority.roots = authority.roots.filter((root) => root !== old);
    world.publishRoots();
    await poll(async () => ((await roots(server)) === 1 && (await roots(client)) === 1 ? true : undefined));
    await sleep(1_000);
    await load.stop();

    expect(load.failures).toEqual([]);
    expect(load.calls).toBeGreaterThan(200);
    expect(load.peers.size).toBeGreaterThanOrEqual(4);
    // The token counted once; from then on the certificate proved who asks.
    expect(authority.proofs.filter((proof) => proof === 'token')).toHaveLength(2);
    expect(authority.proofs.filter((proof) => proof === 'certificate').length).toBeGreaterThanOrEqual(6);
  });

  test('while the authority is away all goes on until the certificate ends, with an alarm before; then it recovers', async () => {
    const front = await world.agent('front', { SECRET_TTL: '6s' });
    await world.agent('orders');
    const { client } = await world.pair('orders', 'front');
    world.authority.close();
    const { expiresAt = 0 } = front.current ?? {};

    await poll(() => Promise.resolve(front.alarm));
    expect(Date.now()).toBeLessThan(expiresAt);
    expect(front.alarm).toMatch(/^certificate [0-9A-F]+ ends at .* and cannot be renewed: UNAVAILABLE/);
    expect((await client.get()).status).toBe(200);
    await poll(() => Promise.resolve(front.alarm?.includes(' ended at ') ? true : undefined));
    await sleep(500);
    expect((await client.get()).status).toBe(503);
    expect(front.figures()).toMatchObject({ secondsLeft: { default: expect.any(Number) as number } });
    expect(front.figures().secondsLeft.default).toBeLessThan(0);

    world.authority.tokens.add('token of front');
    await world.openAuthority();
    await answered(client);
    await poll(() => Promise.resolve(front.alarm === undefined ? true : undefined));
    expect(world.logs.join('\n')).not.toMatch(/PRIVATE KEY|token of/);
  });
});

test('applications find copies that are whole at any time', async () => {
  const certs = join(world.folder, 'certs');
  const front = await world.agent('front', { SECRET_TTL: '2s', OUTPUT_CERTS: certs });
  await poll(() => Promise.resolve(front.current));
  const serials = new Set<string>();
  for (const end = Date.now() + 60_000; serials.size < 3 && Date.now() < end; await sleep(1)) {
    const [chain, key, root] = ['cert-chain.pem', 'key.pem', 'root-cert.pem'].map((name) => readFileSync(join(certs, name), 'utf8')) as [string, string, string];
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\s*$/);
    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(new X509Certificate(root).ca).toBe(true);
    serials.add(new X509Certificate(chain).serialNumber);
  }
  expect(serials.size).toBe(3);
  expect(statSync(join(certs, 'key.pem')).mode & 0o777).toBe(0o600);
});

/** Resolves when the value has changed. */
async function renewed(read: () => string | undefined): Promise<void> {
  const before = read();
  await poll(() => Promise.resolve(read() === before ? undefined : true));
}

/** How many roots an Envoy verifies its peers by. */
async function roots(envoy: TlsEnvoy): Promise<number> {
  const dump = JSON.parse(await envoy.ask('/config_dump?resource=dynamic_active_secrets')) as SecretDump;
  const root = dump.configs?.find(({ name }) => name === 'ROOTCA')?.secret.validation_context?.trusted_ca.inline_bytes ?? '';
  return Buffer.from(root, 'base64').toString().match(/BEGIN CERTIFICATE/g)?.length ?? 0;
}

interface SecretDump {
  readonly configs?: readonly { readonly name: string; readonly secret: { readonly validation_context?: { readonly trusted_ca: { readonly inline_bytes: string } } } }[];
}
