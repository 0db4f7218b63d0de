// A running mesh: how soon the page answers, how soon an edit is felt, what the processes weigh.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { root } from '../install.mjs';
import { quantile, round1 } from './measure.mjs';

const EDITS = 200;
const agent = new http.Agent({ keepAlive: true });

function get(port, path) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent, headers: { host: 'localhost' } }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, by: response.headers['x-served-by'] ?? '' }));
    });
    request.on('error', reject);
  });
}

async function until(accept, attempt, limit = 60_000) {
  const start = performance.now();
  while (performance.now() - start < limit) {
    const result = await attempt().catch(() => undefined);
    if (result !== undefined && accept(result)) return performance.now() - start;
    if (result === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('the mesh did not answer in time');
}

/** `mesh up` as a child; ended with SIGTERM, as Ctrl-C would. */
async function withMesh(args, port, action) {
  const child = spawn(process.execPath, [join(root, 'runtime/lib/mesh.js'), 'up', ...args, '--port', String(port)], { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  try {
    return await action(child);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

function parentOf(pid) {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

function descendsFrom(pid, ancestor) {
  for (let one = Number(pid); one > 1; one = parentOf(one)) if (one === ancestor) return true;
  return false;
}

/** Resident kilobytes of the descendants of a process whose command line matches, seen from outside their namespaces. */
function resident(ancestor, pattern) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      if (!pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')) || !descendsFrom(pid, ancestor)) return [];
      return [Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)];
    } catch {
      return [];
    }
  });
}

const megabytes = (kilobytes) => Math.round(kilobytes / 1024);

async function timeToPage() {
  const start = performance.now();
  return withMesh(['examples/bookinfo/dist', '--offline'], 18080, async (child) => {
    await until(({ status }) => status === 200, () => get(18080, '/productpage'));
    const ms = performance.now() - start;
    const control = resident(child.pid, /mesh\.js control/);
    const envoys = resident(child.pid, /^\S*\/envoy .*--config/);
    return [
      { name: 'mesh up, Bookinfo, until the page answers', value: Math.round(ms), unit: 'ms', versus: 'goal ≤ 5,000' },
      { name: 'resident memory of the control plane', value: megabytes(control.reduce((n, kb) => n + kb, 0)), unit: 'MB', versus: `an Envoy beside it: ${megabytes(envoys.reduce((n, kb) => n + kb, 0) / Math.max(1, envoys.length))} MB each of ${envoys.length}` },
    ];
  });
}

const MANIFESTS = `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: bench }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-v1, namespace: bench }
spec: { selector: { matchLabels: { app: web, version: v1 } }, template: { metadata: { labels: { app: web, version: v1 } }, spec: { containers: [{ name: web, image: web, ports: [{ containerPort: 8080 }] }] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web-v2, namespace: bench }
spec: { selector: { matchLabels: { app: web, version: v2 } }, template: { metadata: { labels: { app: web, version: v2 } }, spec: { containers: [{ name: web, image: web, ports: [{ containerPort: 8080 }] }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: edge, namespace: bench }
spec: { type: LoadBalancer, selector: { istio: edge }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: bench }
spec:
  selector: { matchLabels: { istio: edge } }
  template:
    metadata: { labels: { istio: edge }, annotations: { inject.istio.io/templates: gateway } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: bench }
spec: { selector: { istio: edge }, servers: [{ hosts: [localhost], port: { name: http, number: 80, protocol: HTTP } }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: bench }
spec: { host: web, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`;

const route = (subset) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: bench }
spec: { hosts: [localhost], gateways: [edge], http: [{ route: [{ destination: { host: web, subset: ${subset} } }] }] }
`;

async function changeToEffect() {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-edit-'));
  const file = join(folder, 'route.yaml');
  const write = (subset) => {
    writeFileSync(`${file}.new`, route(subset));
    renameSync(`${file}.new`, file);
  };
  try {
    writeFileSync(join(folder, 'mesh.yaml'), MANIFESTS);
    write('v1');
    return await withMesh([folder, '--offline', '--watch'], 18090, async () => {
      await until(({ by }) => by.startsWith('web-v1'), () => get(18090, '/'));
      const times = [];
      for (let edit = 0; edit < EDITS; edit += 1) {
        const version = edit % 2 ? 'v1' : 'v2';
        write(version);
        times.push(await until(({ by }) => by.startsWith(`web-${version}`), () => get(18090, '/')));
      }
      return [
        { name: `edit of a file → first changed answer, p50 of ${EDITS}`, value: round1(quantile(times, 0.5)), unit: 'ms', versus: 'goal ≤ 50' },
        { name: `edit of a file → first changed answer, p99 of ${EDITS}`, value: round1(quantile(times, 0.99)), unit: 'ms', versus: '' },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `mesh agent`, process 1 of a sidecar, in a network namespace of its own: there it may have the ports that it has in a pod. */
async function agentMemory() {
  const mesh = join(root, 'runtime/lib/mesh.js');
  const envoy = execFileSync(process.execPath, [mesh, 'envoy'], { encoding: 'utf8' }).trim();
  const env = { ...process.env, ENVOY_PATH: envoy, POD_NAME: 'pod', POD_NAMESPACE: 'bench', INSTANCE_IP: '127.0.0.1', SERVICE_ACCOUNT: 'default' };
  const inNamespace = ['--user', '--map-root-user', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh'];
  const child = spawn('unshare', [...inNamespace, process.execPath, mesh, 'agent', 'sidecar'], { env, stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const sum = (values) => values.reduce((n, kb) => n + kb, 0);
    const agent = sum(resident(child.pid, /mesh\.js agent/).slice(-1));
    return [{ name: 'resident memory of the agent', value: megabytes(agent), unit: 'MB', versus: `its Envoy, idle: ${megabytes(sum(resident(child.pid, /^\S*\/envoy .*--config/)))} MB` }];
  } finally {
    child.kill('SIGKILL');
  }
}

export async function meshFigures() {
  return [...await timeToPage(), ...await agentMemory(), ...await changeToEffect()];
}
