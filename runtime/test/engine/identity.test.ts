import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

import type { LocalMesh } from '../../src/engine/local-mesh';
import { cacerts, testAuthority } from '../ca/test-pki';
import { callFrom, get, keepCalling, podsOf, startMesh, statuses } from './test-mesh';

jest.setTimeout(120_000);

const MANIFESTS = join(__dirname, 'identity.yaml');
const ORDERS = 'http://orders:8000/';
const lines: string[] = [];
let mesh: LocalMesh;

/** The Secret that the mesh's authority signs with; JSON is YAML. */
function secret(files: ReadonlyMap<string, string>, roots: string): string {
  const metadata = { name: 'cacerts', namespace: 'istio-system' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { ...Object.fromEntries(files), 'root-cert.pem': roots } });
}

/** How many certificates the agents have got. */
function issued(): number {
  return lines.filter((line) => line.includes('agent info certificate')).length;
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !condition(); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what}`);
  }
}

/** All workloads have renewed theirs since now. */
async function renewed(): Promise<void> {
  const before = issued();
  await until(() => issued() >= before + 4, 'new certificates');
}

const alarms = () => mesh.engine.problems().filter(({ message }) => message.includes('cannot be renewed'));

beforeAll(async () => {
  // Alarming is a quarter of a certificate's life, which is to be some seconds here.
  const slower = readFileSync(MANIFESTS, 'utf8').replaceAll('"6s"', '"16s"');
  mesh = await startMesh([], { verbose: true, onLine: (line) => lines.push(line) }, slower);
});

afterAll(() => mesh?.close());

test('probes pass where mutual TLS is demanded, and who is called sees by whom (F173)', async () => {
  // That the mesh has settled says that the pods are ready.
  const [answer] = await callFrom(mesh, 'front', get(ORDERS));
  expect(answer?.status).toBe(200);
  expect(JSON.stringify(answer)).toContain('spiffe://cluster.local/ns/shop/sa/front');
  const [refused] = await callFrom(mesh, 'legacy', get(ORDERS));
  expect(refused?.status).toBeUndefined();
});

test('applications find copies in their own pod (F169)', async () => {
  const run = (app: string, line: string) => mesh.engine.exec(podsOf(mesh, app)[0] as string, ['sh', '-c', line]);
  expect((await run('orders', 'stat -c "%a %n" /etc/certs/*; cat /etc/resolv.conf')).stdout)
    .toMatch(/^600 \/etc\/certs\/cert-chain.pem\n600 \/etc\/certs\/key.pem\n600 \/etc\/certs\/root-cert.pem\nnameserver /);
  expect((await run('orders', 'openssl verify -CAfile /etc/certs/root-cert.pem -untrusted /etc/certs/cert-chain.pem /etc/certs/cert-chain.pem')).stdout).toContain('OK');
  expect((await run('front', 'ls /etc/certs')).code).not.toBe(0);
});

test('while the control plane is down all goes on, with an alarm before the end; then it recovers', async () => {
  await mesh.engine.kill('istiod');
  const stop = keepCalling(mesh, 'front', get(ORDERS));
  await until(() => alarms().length > 0, 'an alarm');
  expect(statuses(await stop())).toEqual({ 200: expect.any(Number) as number });
  expect(alarms()[0]).toMatchObject({ resource: { kind: 'Pod', namespace: 'shop' }, message: expect.stringMatching(/^certificate [0-9A-F]+ ends at /) as string });
  await mesh.engine.restart('istiod');
  await until(() => alarms().length === 0, 'the end of the alarm');
  await mesh.engine.settled();
  expect(statuses(await callFrom(mesh, 'front', get(ORDERS), { times: 20 }))).toEqual({ 200: 20 });
});

test('leaves, an intermediate and the root are replaced under load without a failed call', async () => {
  const [one, two] = [await testAuthority('root 1'), await testAuthority('root 2')];
  const [first, second, third] = [await testAuthority('signer 1', { issuer: one }), await testAuthority('signer 2', { issuer: one }), await testAuthority('signer 3', { issuer: two })];
  const both = one.certificate + two.certificate;
  const own = await startMesh([MANIFESTS], { verbose: true, onLine: (line) => lines.push(line) }, secret(cacerts(first, [], one), one.certificate));
  try {
    const stop = keepCalling(own, 'front', get(ORDERS));
    await renewed();
    await own.engine.apply(secret(cacerts(second, [], one), one.certificate));
    await renewed();
    await own.engine.apply(secret(cacerts(second, [], one), both));
    await renewed();
    await own.engine.apply(secret(cacerts(third, [], two), both));
    await renewed();
    await renewed();
    await own.engine.apply(secret(cacerts(third, [], two), two.certificate));
    await renewed();
    await renewed();
    const answers = await stop();
    expect(statuses(answers)).toEqual({ 200: expect.any(Number) as number });
    expect(own.engine.problems().map(({ message }) => message)).toEqual([]);
  } finally {
    await own.close();
  }
});
