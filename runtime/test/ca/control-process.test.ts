import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ControlProcess } from '../../src/engine/control-process';
import type { ToControl } from '../../src/control/messages';
import { Cluster, encodeDelta, parseText } from '../../src/source';
import { BUNDLE } from '../engine/test-mesh';
import { askForCertificate, type CaCall } from './ca-client';
import { cacerts, ecKey, keyPem, testAuthority, testRequest } from './test-pki';

const REVIEWS = { namespace: 'bookinfo', serviceAccount: 'reviews' };
let folder: string;
let control: ControlProcess | undefined;
let lines: string[] = [];
const seen: string[] = [];

beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cp-')); });
afterEach(async () => {
  await control?.stop(5_000);
  control = undefined;
  lines = [];
  rmSync(folder, { recursive: true });
});

function snapshotOf(yaml: string): ToControl {
  const cluster = new Cluster();
  cluster.replace(parseText(yaml, { file: 'test.yaml', folder }).objects);
  const snapshot = cluster.snapshot();
  return { type: 'snapshot', revision: snapshot.revision, delta: encodeDelta(undefined, snapshot) };
}

/** The control plane as `mesh up` starts it. */
async function start(yaml = '', cacertsFolder?: string): Promise<ControlProcess> {
  const started = new ControlProcess({
    mesh: [process.execPath, BUNDLE], socket: join(folder, 'xds'), outside: 'none', status: '127.0.0.1:0', whole: () => [snapshotOf(yaml)], onState: () => undefined, onChange: () => undefined,
    secured: { socket: join(folder, 'ca'), folder: join(folder, 'authority'), ...(cacertsFolder ? { cacerts: cacertsFolder } : {}) },
    onLine: (line) => void lines.push(line),
  });
  control = started;
  started.start();
  return started;
}

async function until(what: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`waited in vain:\n${lines.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const serving = () => until(() => lines.some((line) => line.includes('serving certificates and xDS with TLS')));
const roots = () => readFileSync(join(folder, 'authority/root-cert.pem'), 'utf8');
const ask = (call: Partial<CaCall>) => askForCertificate({ address: `unix:${join(folder, 'ca')}`, roots: roots(), request: {}, ...call });

async function join_(process_: ControlProcess, key = ecKey()): Promise<{ readonly chain: string; readonly key: string; readonly answer: readonly string[] }> {
  const token = await process_.join(REVIEWS);
  seen.push(token, ...keyPem(key).split('\n').slice(1, -2));
  const { certChain } = await ask({ token, request: { csr: await testRequest({ key }) } });
  return { answer: certChain, chain: certChain.slice(0, -1).join(''), key: keyPem(key) };
}

test('a pod joins by a token of the engine, and renews by its certificate, over a restart of the control plane that keeps the root', async () => {
  const control = await start();
  await serving();
  const before = roots();
  const first = await join_(control);
  expect(new X509Certificate(first.answer[0]!).subjectAltName).toBe('URI:spiffe://cluster.local/ns/bookinfo/sa/reviews');
  await control.kill();
  expect(() => control.join(REVIEWS)).rejects.toThrow('the control plane is down');
  lines = [];
  control.start();
  await serving();
  expect(roots()).toBe(before);
  const renewed = await ask({ certificate: first, request: { csr: await testRequest() } });
  expect(new X509Certificate(renewed.certChain[0]!).verify(new X509Certificate(before).publicKey)).toBe(true);
  await join_(control);
}, 60_000);

test('a machine joins by a token of the command line, once (F166)', async () => {
  await start();
  await serving();
  const mesh = (...args: string[]) => execFileSync(process.execPath, [BUNDLE, 'token', '--ca', join(folder, 'authority'), ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  const token = mesh('--namespace', 'vms', '--service-account', 'database');
  const { certChain } = await ask({ token, request: { csr: await testRequest() } });
  expect(new X509Certificate(certChain[0]!).subjectAltName).toBe('URI:spiffe://cluster.local/ns/vms/sa/database');
  await expect(ask({ token, request: { csr: await testRequest() } })).rejects.toThrow('UNAUTHENTICATED');
  const late = mesh('--namespace', 'vms', '--service-account', 'database', '--ttl', '1s');
  const tokens = join(folder, 'authority/tokens');
  expect(readdirSync(tokens).map((name) => statSync(join(tokens, name)).mode & 0o777)).toEqual([0o600]);
  expect(readdirSync(tokens).join()).not.toContain(late);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await expect(ask({ token: late, request: { csr: await testRequest() } })).rejects.toThrow('UNAUTHENTICATED');
  expect(() => mesh('--namespace', 'vms', '--service-account', '../x')).toThrow('cannot be an identity');
}, 60_000);

test('the trust domain is that of MeshConfig', async () => {
  const mesh = await start(`
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "trustDomain: prod.example.com" }
`);
  await serving();
  const { answer } = await join_(mesh);
  expect(new X509Certificate(answer[0]!).subjectAltName).toBe('URI:spiffe://prod.example.com/ns/bookinfo/sa/reviews');
}, 60_000);

test('the Secret cacerts of the manifests is signed with; while it is broken nothing is signed, and that is a problem (F178)', async () => {
  const root = await testAuthority('Example Root');
  const signer = await testAuthority('Example Mesh', { issuer: root });
  const secret = (files: ReadonlyMap<string, string>) => JSON.stringify({
    apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cacerts', namespace: 'istio-system' }, stringData: Object.fromEntries(files),
  });
  const good = cacerts(signer, [], root);
  const control = await start(secret(new Map(good).set('cert-chain.pem', '').set('root-cert.pem', signer.certificate)));
  await until(() => control.state.problems.length > 0);
  expect(control.state.problems).toEqual([{
    resource: { kind: 'Secret', namespace: 'istio-system', name: 'cacerts' }, path: "data['root-cert.pem']", message: expect.stringMatching(/only roots, which have signed themselves/) as string,
  }]);
  expect(existsSync(join(folder, 'ca'))).toBe(false);
  control.send(snapshotOf(secret(good)));
  await serving();
  const { answer } = await join_(control);
  expect(answer[1]).toBe(signer.certificate);
  expect(answer[2]).toBe(root.certificate);
  await until(() => control.state.problems.length === 0);
  expect(readdirSync(join(folder, 'authority'))).toEqual(['root-cert.pem']);
}, 60_000);

test('a folder is followed: another intermediate signs, and the control plane shows it, without a restart', async () => {
  const root = await testAuthority('Example Root');
  const [one, two] = [await testAuthority('One', { issuer: root }), await testAuthority('Two', { issuer: root })];
  const place = join(folder, 'cacerts');
  const write = (files: ReadonlyMap<string, string>) => files.forEach((text, name) => writeFileSync(join(place, name), text));
  mkdirSync(place);
  write(cacerts(one, [], root));
  const control = await start('', place);
  await serving();
  expect((await join_(control)).answer[1]).toBe(one.certificate);
  write(cacerts(two, [], root));
  await until(() => lines.filter((line) => line.includes('"signing certificates"')).length === 2);
  expect((await join_(control)).answer[1]).toBe(two.certificate);
  expect(control.restarts).toBe(0);
}, 60_000);

test('neither arguments, nor logs, nor files that others may read hold a key or a token', async () => {
  const control = await start();
  await serving();
  await join_(control);
  const text = lines.join('\n');
  const args = execFileSync('sh', ['-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "'], { encoding: 'utf8' });
  for (const secret of seen) {
    expect(text).not.toContain(secret);
    expect(args).not.toContain(secret);
  }
  expect(text).not.toContain('PRIVATE KEY');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && readFileSync(path, 'utf8').includes('PRIVATE KEY')) expect(statSync(path).mode & 0o177).toBe(0);
  }
}, 60_000);
