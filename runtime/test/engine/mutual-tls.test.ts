import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LocalMesh } from '../../src/engine/local-mesh';
import { callFrom, get, podsOf, startMesh, statuses } from './test-mesh';

jest.setTimeout(120_000);

const pod = (name: string, labels = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${labels} } }
    spec: { containers: [{ name: ${name}, image: example/${name}, ports: [{ containerPort: 8000 }] }] }
---`;
const service = (name: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: 8000 }] }
---`;
const strict = (name: string) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${name} }
spec: { selector: { matchLabels: { app: ${name} } }, mtls: { mode: STRICT } }
---`;
const MANIFEST = pod('client') + pod('till') + pod('open') + pod('legacy', ", sidecar.istio.io/inject: 'false'") + service('till') + service('open') + strict('till');

const CAPTURE = readFileSync(join(__dirname, 'wire-capture.py'), 'utf8');
const WORD = 'nobody-must-read-this';
const folder = mkdtempSync(join(tmpdir(), 'mutual-tls-'));

let mesh: LocalMesh;

beforeAll(async () => {
  writeFileSync(join(folder, 'mesh.yaml'), MANIFEST);
  mesh = await startMesh([folder]);
});

afterAll(async () => {
  await mesh?.close();
  rmSync(folder, { recursive: true });
});

interface Seen {
  readonly packets: number;
  readonly word: number;
  readonly handshakes: number;
}

/** What a wire-tap before the server sees of calls with a secret in them. */
async function tapped(server: string, client: string): Promise<Seen> {
  const capture = mesh.engine.exec(podsOf(mesh, server)[0] as string, ['python3', '-c', CAPTURE, WORD, '4']);
  await new Promise((resolve) => { setTimeout(resolve, 1_500); });
  const answers = await callFrom(mesh, client, get(`http://${server}/`, { headers: { 'x-secret': WORD } }), { times: 20, parallel: 2 });
  expect(statuses(answers)).toEqual({ 200: 20 });
  const { code, stdout, stderr } = await capture;
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'listening\n' });
  return JSON.parse(stdout) as Seen;
}

test('between pods goes no plain text', async () => {
  const { packets, word, handshakes } = await tapped('till', 'client');

  expect({ word, enough: packets >= 10, encrypted: handshakes > 0 }).toEqual({ word: 0, enough: true, encrypted: true });
});

test('what a caller without a proxy says is read by whoever listens', async () => {
  expect((await tapped('open', 'legacy')).word).toBeGreaterThanOrEqual(20);
});

test('its connection is reset where mutual TLS is demanded: curl ends with 56', async () => {
  const [legacy] = podsOf(mesh, 'legacy') as [string];
  const hasCurl = (await mesh.engine.exec(legacy, ['sh', '-c', 'command -v curl'])).code === 0;
  const { code } = await mesh.engine.exec(legacy, ['curl', '--silent', '--output', '/dev/null', 'http://till/']);

  expect(code).toBe(hasCurl ? 56 : 127);
});

test('a policy that is edited holds for the next connection', async () => {
  expect(statuses(await callFrom(mesh, 'legacy', get('http://open/')))).toEqual({ 200: 1 });
  await mesh.engine.apply(strict('open'));
  await mesh.engine.settled();
  expect(statuses(await callFrom(mesh, 'legacy', get('http://open/')))).toEqual({ ECONNRESET: 1 });
  expect(statuses(await callFrom(mesh, 'client', get('http://open/')))).toEqual({ 200: 1 });
});
