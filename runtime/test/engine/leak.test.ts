import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { runningMeshes } from '../../src/engine/running-meshes';
import type { LocalMesh } from '../../src/engine/local-mesh';
import { adminText } from '../../src/local/admin';
import { CertificateAuthority } from '../../src/local/certificate-authority';
import { callFrom, get, startMesh, statuses } from './test-mesh';

jest.setTimeout(120_000);

const NAME = `leak-${process.pid}`;
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** 32 random bytes, as join tokens are, and tokens of three parts. */
const TOKEN = /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

const BYTES = /"inline_bytes": "([^"]+)"/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const lines: string[] = [];
let mesh: LocalMesh;
let runDirectory: string;
let password: string;

beforeAll(async () => {
  mesh = await startMesh([join(__dirname, 'shop.yaml')], { name: NAME, verbose: true, onLine: (line) => lines.push(line) });
  const { certificate, key } = await (await CertificateAuthority.create('leak')).issue({ hosts: ['shop.example.com'] });
  password = key.split('\n')[2] as string;
  await mesh.engine.apply(gateway(certificate, key));
  await mesh.engine.settled();
  runDirectory = join((await runningMeshes()).find(({ status }) => status.name === NAME)?.socket as string, '..');
  expect(statuses(await callFrom(mesh, 'client', get('http://web:8000/'), { times: 20 }))).toEqual({ 200: 20 });
});

afterAll(() => mesh?.close());

/** A gateway with a key of its own, which reaches its Envoy by the control plane. */
function gateway(certificate: string, key: string): string {
  const template = { metadata: { labels: { istio: 'edge' }, annotations: { 'inject.istio.io/templates': 'gateway' } }, spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } };
  const metadata = { name: 'edge', namespace: 'shop' };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name: 'shop-tls' }, type: 'kubernetes.io/tls', stringData: { 'tls.crt': certificate, 'tls.key': key } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { istio: 'edge' }, ports: [{ name: 'https', port: 443 }] } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: { istio: 'edge' } }, template } },
    {
      apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata,
      spec: { selector: { istio: 'edge' }, servers: [{ hosts: ['shop.example.com'], port: { name: 'https', number: 443, protocol: 'HTTPS' }, tls: { mode: 'SIMPLE', credentialName: 'shop-tls' } }] },
    },
  ].map((object) => JSON.stringify(object)).join('\n---\n');
}

/**
 * What would give something away, and where; `text` itself is not shown.
 * Certificates everybody may see, and a line of their base64 can look like a token.
 */
function leaks(where: string, written: string): string[] {
  const text = written.replace(CERTIFICATE, '');
  return [...(KEY.test(text) ? [`a key in ${where}`] : []), ...(text.includes(password) ? [`the gateway's key in ${where}`] : []), ...(TOKEN.test(text) ? [`a token in ${where}`] : [])];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** The processes that the test started, and those of their children, whatever namespace they are in. */
function processes(): number[] {
  const parents = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    const parent = /^PPid:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1];
    return parent === undefined ? [] : [[Number(pid), Number(parent)] as const];
  }));
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return [...parents.keys()].filter((pid) => pid !== process.pid && isOurs(pid));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('keys on disk are for their owner only, and of the authority only', () => {
  const files = filesBelow(runDirectory);
  const sockets = files.filter((path) => statSync(path).isSocket());
  const withSecrets = files.filter((path) => statSync(path).isFile() && leaks(path, textOf(path)).length > 0);

  expect(withSecrets.map((path) => path.slice(runDirectory.length)).filter((path) => !path.startsWith('/authority/'))).toEqual([]);
  expect(withSecrets.map((path) => (statSync(path).mode & 0o777).toString(8)).filter((mode) => mode !== '600')).toEqual([]);
  expect(withSecrets.length).toBeGreaterThan(0);
  // The folder is closed to others; the sockets through which keys go are so themselves.
  expect(statSync(runDirectory).mode & 0o077).toBe(0);
  expect(sockets.filter((path) => path.endsWith('/sds')).length).toBeGreaterThanOrEqual(4);
  expect(sockets.filter((path) => path.endsWith('/sds') && (statSync(path).mode & 0o777) !== 0o600)).toEqual([]);
});

test('arguments and environments of processes tell nothing', () => {
  const own = processes();
  expect(own.length).toBeGreaterThan(8);
  expect(own.flatMap((pid) => ['cmdline', 'environ'].flatMap((file) => leaks(`${file} of ${textOf(`/proc/${pid}/comm`).trim()}`, textOf(`/proc/${pid}/${file}`))))).toEqual([]);
});

test('dumps of Envoys tell nothing', async () => {
  const admins = filesBelow(runDirectory).filter((path) => path.endsWith('/admin'));
  expect(admins.length).toBeGreaterThanOrEqual(4);
  const dumps = await Promise.all(admins.map(async (path) => [path, await adminText(path, '/config_dump?include_eds')] as const));
  expect(dumps.some(([, dump]) => dump.includes('kubernetes://shop-tls'))).toBe(true);
  expect(dumps.flatMap(([path, dump]) => [...leaks(path, dump.replace(BYTES, '')), ...inner(dump).flatMap((text) => leaks(path, text))])).toEqual([]);
});

test('logs tell nothing', () => {
  expect(lines.filter((line) => line.includes('certificate')).length).toBeGreaterThan(4);
  expect(lines.flatMap((line) => leaks('a log', line))).toEqual([]);
});

/** What stands in base64. */
function inner(dump: string): string[] {
  return [...dump.matchAll(BYTES)].map(([, text = '']) => Buffer.from(text, 'base64').toString());
}
