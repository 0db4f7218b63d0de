import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findEnvoy } from '../../src/local/envoy-binary';
import { mesh, startMeshCommand, type Run } from './run-mesh';

jest.setTimeout(120_000);

const SHOP = join(__dirname, '../engine/shop.yaml');
const GATEWAY = `
apiVersion: v1
kind: Service
metadata: { name: edge, namespace: shop }
spec: { type: LoadBalancer, selector: { istio: edge }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: shop }
spec:
  selector: { matchLabels: { istio: edge } }
  template:
    metadata: { labels: { istio: edge, app: edge }, annotations: { inject.istio.io/templates: gateway } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { selector: { istio: edge }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: [shop.example.com] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge, namespace: shop }
spec: { hosts: [shop.example.com], gateways: [edge], http: [{ match: [{ uri: { prefix: /shop } }], headers: { response: { add: { x-edition: FIRST } } }, route: [{ destination: { host: web } }] }] }
`;

/** Its own cache folder, so that it is the only mesh there; Envoy comes from the usual one. */
const cache = mkdtempSync(join(tmpdir(), 'up-'));
const env: NodeJS.ProcessEnv = { XDG_CACHE_HOME: cache };
const manifests = join(cache, 'manifests');
let running: ChildProcess;
let up: { ways: { url: string; curl?: string }[]; pods: { name: string; ready: boolean }[]; services: { name: string; calls?: string[] }[] };

beforeAll(async () => {
  env.ENVOY_PATH = (await findEnvoy()).path;
  mkdirSync(manifests);
  copyFileSync(SHOP, join(manifests, 'shop.yaml'));
  writeFileSync(join(manifests, 'edge.yaml'), GATEWAY);
  running = startMeshCommand(['up', manifests, '--watch', '--port', '0', '--output', 'json'], env);
  up = JSON.parse(await untilObject(running));
});

afterAll(() => {
  running?.kill('SIGKILL');
  rmSync(cache, { recursive: true, force: true });
});

/** What it prints when everything is ready is one JSON object; it stays. */
function untilObject(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('}\n')) {
        resolve(text);
      }
    });
    child.stderr?.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
}

const run = (...args: string[]): Promise<Run> => mesh(args, { env });

test('tells pods, services and ways in as JSON', () => {
  expect(up.pods.every(({ ready }) => ready)).toBe(true);
  expect(up.services.map(({ name }) => name)).toEqual(['edge', 'web']);
  expect(up.ways).toEqual([{ url: expect.stringMatching(/^http:\/\/shop\.example\.com:\d+\/shop$/), curl: expect.stringMatching(/^curl --resolve shop\.example\.com:\d+:127\.0\.0\.1 http/) }]);
});

test('answers at localhost, and follows edits of files without losing a request', async () => {
  const { port } = new URL(up.ways[0]?.url ?? '');
  const answers = [await ask(Number(port))];
  let over = false;
  const calls = (async () => {
    while (!over) {
      answers.push(await ask(Number(port)));
    }
  })();
  const file = join(manifests, 'edge.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('FIRST', 'SECOND'));
  while (answers.at(-1)?.edition !== 'SECOND') {
    await new Promise((wake) => setTimeout(wake, 10));
  }
  over = true;
  await calls;

  expect(answers[0]).toEqual({ status: 200, edition: 'FIRST' });
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

test('a gateway that gets another template answers what is under way, and all that follows', async () => {
  const port = Number(new URL(up.ways[0]?.url ?? '').port);
  const before = await edges();
  const slow = ask(port, '/shop?delay=2s');
  await new Promise((wake) => setTimeout(wake, 300));
  const file = join(manifests, 'edge.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('app: edge }', 'app: edge, edition: second }'));
  const answers = [];
  for (let now = before; now.join() === before.join() || now.length > 1;) {
    answers.push(await ask(port));
    now = await edges();
  }

  expect(await slow).toEqual({ status: 200, edition: 'SECOND' });
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

async function edges(): Promise<string[]> {
  const { pods } = JSON.parse((await run('status', '-o', 'json')).stdout) as { pods: { name: string }[] };
  return pods.map(({ name }) => name).filter((name) => name.startsWith('edge-'));
}

function ask(port: number, path = '/shop'): Promise<{ status?: number; edition?: string }> {
  return new Promise((resolve) => {
    request({ port, path, agent: false, headers: { host: 'shop.example.com' } }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, edition: response.headers['x-edition'] as string }));
    }).on('error', () => resolve({})).end();
  });
}

test('exec runs a command in a pod: its output, input and exit code are ours', async () => {
  const shell = await mesh(['exec', 'web/v2', '--', 'sh', '-c', 'read line; echo "$line at $HOSTNAME"; echo oops >&2; exit 3'], { env, input: 'hello\n' });

  expect(shell).toEqual({ code: 3, stdout: expect.stringMatching(/^hello at web-v2-/), stderr: 'oops\n' });
  expect(await run('exec', 'nobody', '--', 'true')).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no service or pod nobody in this mesh; there are') });
  expect(await run('exec', 'web', '--', 'no-such-program')).toMatchObject({ code: 127 });
});

test('logs print what was written, by pod and container', async () => {
  await run('exec', 'client', '--', process.execPath, '-e', 'fetch("http://web:8000/for-the-log").then((r) => r.text())');
  const { stdout } = await run('logs', 'client', '-c', 'istio-proxy', '-o', 'json');
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { pod: string; container: string; text: string });

  expect(lines.filter(({ container }) => container !== 'istio-proxy')).toEqual([]);
  expect(lines.some(({ text }) => text.includes('GET /for-the-log'))).toBe(true);
  expect((await run('logs', 'istiod')).stdout).toContain('serving xDS');
});

test('status tells what each proxy has acknowledged', async () => {
  const { stdout } = await run('status', '-o', 'json');
  const status = JSON.parse(stdout) as { proxies: { node: string; synced: boolean; types: Record<string, { acked: number; wanted: number }> }[] };

  expect(status.proxies).toHaveLength(4);
  for (const { synced, types } of status.proxies) {
    expect(synced).toBe(true);
    expect(types.cds?.acked).toBe(types.cds?.wanted);
  }
  const text = (await run('status')).stdout;
  expect(text).toContain('control plane running');
  expect(text).toMatch(/web\s+v1\s+1\s+✔/);
});

test('ends in order when it is told to, and leaves nothing behind', async () => {
  const exited = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGTERM');

  expect(await exited).toBe(0);
  expect(readdirSync(join(cache, 'cdk8s-istio', 'run'))).toEqual([]);
  expect((await run('status')).code).toBe(2);
});
