import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LocalMesh } from '../../src/engine/local-mesh';
import { runFolder } from '../../src/local/run-directory';
import { cacerts, testAuthority, type TestAuthority } from '../ca/test-pki';
import { callFrom, get, podsOf, startMesh, statuses } from './test-mesh';

jest.setTimeout(180_000);

const deployment = (name: string) => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name} }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { serviceAccountName: ${name}, containers: [{ name: ${name}, image: example/${name}, ports: [{ containerPort: 8000 }] }] }
---`;
const MANIFEST = `${deployment('client')}${deployment('till')}
apiVersion: v1
kind: Service
metadata: { name: till }
spec: { selector: { app: till }, ports: [{ name: http, port: 80, targetPort: 8000 }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default }
spec: { mtls: { mode: STRICT } }
`;
const TTL = 4;
/** PEM, and how keys of P-256 begin, as text and as bytes in text. */
const KEY = /PRIVATE KEY|MIGHAgEAMBMGByqGSM49|LS0tLS1CRUdJTiBQUklWQVRF/;
const lines: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'authority-change-'));
const place = join(folder, 'cacerts');
let mesh: LocalMesh;
let old: TestAuthority;
let first: TestAuthority;

const plugIn = (files: ReadonlyMap<string, string>) => files.forEach((text, name) => writeFileSync(join(place, name), text));

beforeAll(async () => {
  old = await testAuthority('Old Root');
  first = await testAuthority('First', { issuer: old });
  mkdirSync(place);
  mkdirSync(join(folder, 'mesh'));
  plugIn(cacerts(first, [], old));
  writeFileSync(join(folder, 'mesh/mesh.yaml'), MANIFEST);
  process.env.SECRET_TTL = `${TTL}s`;
  mesh = await startMesh([join(folder, 'mesh')], { cacerts: place, verbose: true, onLine: (line) => lines.push(line) }).finally(() => delete process.env.SECRET_TTL);
});

afterAll(async () => {
  await mesh?.close();
  rmSync(folder, { recursive: true });
});

interface Held {
  readonly chain: readonly string[];
  readonly roots: readonly string[];
  /** The whole dump, as its user sees it. */
  readonly text: string;
}

interface SecretDump {
  readonly configs: readonly { readonly name: string; readonly secret: {
    readonly tls_certificate?: { readonly certificate_chain: { readonly inline_bytes: string } };
    readonly validation_context?: { readonly trusted_ca: { readonly inline_bytes: string } };
  } }[];
}

/** What the Envoy of a pod stands on at this moment. */
async function held(app: string): Promise<Held> {
  const [answer] = await callFrom(mesh, app, get('http://127.0.0.1:15000/config_dump?resource=dynamic_active_secrets'));
  const { configs } = JSON.parse(answer!.body) as SecretDump;
  const pems = (bytes = '') => Buffer.from(bytes, 'base64').toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  return {
    chain: pems(configs.find(({ name }) => name === 'default')?.secret.tls_certificate?.certificate_chain.inline_bytes),
    roots: pems(configs.find(({ name }) => name === 'ROOTCA')?.secret.validation_context?.trusted_ca.inline_bytes),
    text: answer!.body,
  };
}

async function everywhere(what: (held: Held) => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const all = await Promise.all(['client', 'till'].map(held));
    if (all.every(what)) return;
    if (Date.now() > deadline) throw new Error(`not everywhere: ${JSON.stringify(all.map(({ chain, roots }) => ({ chain: chain.map(subject), roots: roots.map(subject) })))}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const subject = (pem: string) => new X509Certificate(pem).subject ?? new X509Certificate(pem).subjectAltName ?? '';

/** Calls, on new connections now and then, while something happens. */
async function failuresDuring(action: () => Promise<void>): Promise<{ readonly calls: number; readonly failures: Record<string, number> }> {
  let going = true;
  const counted: Record<string, number> = {};
  const load = (async () => {
    while (going) {
      for (const [status, count] of Object.entries(statuses(await callFrom(mesh, 'client', get('http://till/'), { times: 40, parallel: 4 })))) counted[status] = (counted[status] ?? 0) + count;
    }
  })();
  await action().finally(() => { going = false; });
  await load;
  const { 200: good = 0, ...failures } = counted;
  return { calls: good, failures };
}

test('workloads stand on the authority of the folder: openssl verifies their chain, and nothing shows a key (F178, F179)', async () => {
  const { chain, roots, text } = await held('till');
  expect(new X509Certificate(chain[0]!).subjectAltName).toBe('URI:spiffe://cluster.local/ns/default/sa/till');
  expect(chain.slice(1)).toEqual([first.certificate]);
  expect(roots).toEqual([old.certificate]);
  const file = (name: string, pem: string) => {
    writeFileSync(join(folder, name), pem);
    return join(folder, name);
  };
  const args = ['verify', '-CAfile', file('root.pem', roots.join('')), '-untrusted', file('chain.pem', chain[1]!), file('leaf.pem', chain[0]!)];
  expect(execFileSync('openssl', args, { encoding: 'utf8' })).toContain('OK');
  expect(text).toContain('"private_key"');
  expect(text).not.toMatch(KEY);
});

test('leaves, the intermediate and the root change under load without one failed request (F167, F170)', async () => {
  const serials = new Set<string>();
  const [second, next] = [await testAuthority('Second', { issuer: old }), await testAuthority('Next Root')];
  const third = await testAuthority('Third', { issuer: next });
  const both = old.certificate + next.certificate;
  const { calls, failures } = await failuresDuring(async () => {
    serials.add(new X509Certificate((await held('till')).chain[0]!).serialNumber);
    plugIn(cacerts(second, [], old));
    await everywhere(({ chain }) => chain[1] === second.certificate);
    serials.add(new X509Certificate((await held('till')).chain[0]!).serialNumber);
    plugIn(new Map(cacerts(second, [], old)).set('root-cert.pem', both));
    await everywhere(({ roots }) => roots.length === 2);
    plugIn(new Map(cacerts(third, [], next)).set('root-cert.pem', both));
    await everywhere(({ chain }) => chain[1] === third.certificate);
    await new Promise((resolve) => setTimeout(resolve, TTL * 1000));
    plugIn(cacerts(third, [], next));
    await everywhere(({ roots }) => roots.length === 1 && roots[0] === next.certificate);
    serials.add(new X509Certificate((await held('till')).chain[0]!).serialNumber);
  });
  expect(failures).toEqual({});
  expect(calls).toBeGreaterThan(100);
  expect(serials.size).toBe(3);
  expect(mesh.engine.problems()).toEqual([]);
});

test('a control plane that is gone for a while costs nothing, and certificates are renewed when it is back', async () => {
  const before = (await held('till')).chain[0];
  const { failures } = await failuresDuring(async () => {
    await mesh.engine.kill('istiod');
    await new Promise((resolve) => setTimeout(resolve, 800));
    await mesh.engine.restart('istiod');
    await everywhere(({ chain }) => chain[0] !== before);
  });
  expect(failures).toEqual({});
});

test('no key is in a file of the run, in a line that anything wrote, or in an argument', async () => {
  const run = readdirSync(runFolder()).map((name) => join(runFolder(), name)).find((path) => rootsOf(path) === readFileSync(join(place, 'root-cert.pem'), 'utf8'));
  const files = readdirSync(run!, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(2);
  expect(files.filter((path) => KEY.test(readFileSync(path, 'latin1')))).toEqual([]);
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => KEY.test(line))).toEqual([]);
  const { stdout } = await mesh.engine.exec(podsOf(mesh, 'till')[0] as string, ['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "']);
  expect(stdout).toContain('envoy');
  expect(stdout).not.toMatch(KEY);
});

function rootsOf(run: string): string | undefined {
  try {
    return readFileSync(join(run, 'authority/root-cert.pem'), 'utf8');
  } catch {
    return undefined;
  }
}
