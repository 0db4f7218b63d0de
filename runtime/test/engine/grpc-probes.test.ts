import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { LocalMesh } from '../../src/engine/local-mesh';
import { startMesh } from './test-mesh';

jest.setTimeout(120_000);

interface Wish {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: string;
}

/** A pod whose port speaks gRPC, or is to, and which is asked how it is every second. */
const pod = (name: string, { annotations = {}, labels = '' }: Wish = {}) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}${labels} }, annotations: ${JSON.stringify(annotations)} }
    spec:
      containers:
        - name: ${name}
          image: example/${name}
          ports: [{ containerPort: 8000 }]
          readinessProbe: { grpc: { port: 8000, service: shop.Cart }, periodSeconds: 1 }
---`;
const STRICT = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: istio-system }
spec: { mtls: { mode: STRICT } }
---`;

/** A server that answers every call with a health that a file names: 1 is SERVING, 2 NOT_SERVING. */
const server = (file: string) => `require('node:http2').createServer().on('stream', (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.from([0, 0, 0, 0, 2, 8, Number(require('node:fs').readFileSync('${file}', 'utf8'))]));
}).listen(8000)`;

const folder = mkdtempSync(join(tmpdir(), 'grpc-probes-'));
const health = join(folder, 'health');
let mesh: LocalMesh;

beforeAll(async () => {
  writeFileSync(health, '2');
  writeFileSync(join(folder, 'mesh.yaml'), pod('good') + pod('bare', { labels: ", sidecar.istio.io/inject: 'false'" }) + STRICT);
  mesh = await startMesh([join(folder, 'mesh.yaml')]);
});

afterAll(async () => {
  await mesh?.close();
  rmSync(folder, { recursive: true });
});

const isReady = (app: string) => mesh.engine.pods().find(({ labels }) => labels.app === app)?.ready;

async function becomes(app: string, ready: boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (isReady(app) !== ready && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  expect({ app, ready: isReady(app) }).toEqual({ app, ready });
}

test('who serves is ready, past mutual TLS that the kubelet has no certificate for, and without a proxy (F173)', () => {
  expect({ good: isReady('good'), bare: isReady('bare') }).toEqual({ good: true, bare: true });
});

test('a port that is open is not enough: the answer counts, and the next one too', async () => {
  await mesh.engine.apply(pod('sick', { annotations: { 'local.cdk8s-istio.dev/sick': JSON.stringify([process.execPath, '-e', server(health)]) } }));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(isReady('sick')).toBe(false);
  writeFileSync(health, '1');
  await becomes('sick', true);
  writeFileSync(health, '2');
  await becomes('sick', false);
  writeFileSync(health, '1');
  await becomes('sick', true);
});

test('a probe that is left as it is ends at mutual TLS, as the kubelet\'s', async () => {
  await mesh.engine.apply(pod('left', { annotations: { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' } }));
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(isReady('left')).toBe(false);
});
