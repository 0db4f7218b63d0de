// A gateway with many hosts or many routes: what it takes to compile it, how much that is, and what a real Envoy needs to hold it.
// Run by tools/bench/gateway.mjs as `gateway-mesh.ts hosts|routes COUNT`; prints JSON.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compiler, parseNode } from '../../runtime/src/compile';
import { staticBootstrap } from '../../runtime/src/control/static-bootstrap';
import { findEnvoy } from '../../runtime/src/local/envoy-binary';
import type { Configuration } from '../../runtime/src/model/configuration';
import type { Resource } from '../../runtime/src/model/resource';
import { Cluster } from '../../runtime/src/source';

type Shape = 'hosts' | 'routes';

const namespace = 'bench';
const SERVICES = 100;
/** So many routes stand in one VirtualService; those of one host are joined, as teams share a host. */
const ROUTES_EACH = 100;
/** As in runtime/src/control/turns.ts. */
const SLICE_MS = 40;
const shape = process.argv[2] as Shape;
const count = Number(process.argv[3]);

const virtualService = (name: string, spec: object): Resource => ({
  apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name, namespace }, spec: { gateways: ['edge'], ...spec },
});
const forward = (i: number, timeout: number): object => ({ timeout: `${timeout}s`, route: [{ destination: { host: `service-${i % SERVICES}` } }] });

function hostRule(i: number, timeout = 10): Resource {
  return virtualService(`host-${i}`, { hosts: [`host-${i}.example.com`], http: [forward(i, timeout)] });
}

function pathRules(i: number, timeout = 10): Resource {
  const http = Array.from({ length: ROUTES_EACH }, (_, at) => ({ match: [{ uri: { prefix: `/team-${i}/page-${at}` } }], ...forward(at, timeout) }));
  return virtualService(`paths-${i}`, { hosts: ['www.example.com'], http });
}

const edited = (timeout: number): Resource => (shape === 'hosts' ? hostRule(0, timeout) : pathRules(0, timeout));

function objects(): Resource[] {
  const rules = shape === 'hosts'
    ? Array.from({ length: count }, (_, i) => hostRule(i))
    : Array.from({ length: count / ROUTES_EACH }, (_, i) => pathRules(i));
  const services = Array.from({ length: SERVICES }, (_, i): Resource => ({
    apiVersion: 'v1', kind: 'Service', metadata: { name: `service-${i}`, namespace }, spec: { selector: { app: `service-${i}` }, ports: [{ name: 'http', port: 8080 }] },
  }));
  return [
    ...services, ...rules,
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'edge', namespace }, spec: { selector: { istio: 'edge' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } },
    {
      apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'edge', namespace },
      spec: { selector: { istio: 'edge' }, servers: [{ port: { name: 'http', number: 80, protocol: 'HTTP' }, hosts: ['*.example.com'] }] },
    },
  ];
}

const node = { id: `router~10.244.0.7~edge.${namespace}~${namespace}.svc.cluster.local`, metadata: { NAMESPACE: namespace, LABELS: { istio: 'edge' } } };
const bytesOf = (configuration: Configuration): number =>
  [...configuration.values()].reduce((sum, byName) => sum + [...byName.values()].reduce((n, resource) => n + resource.bytes.length, 0), 0);

/** Resident kilobytes of an Envoy that has loaded it all. Its ports are any that are free. */
async function memoryOf(configuration: Configuration): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const { staticResources, ...rest } = staticBootstrap(configuration, node) as { staticResources: { listeners: object[] } };
  const listeners = staticResources.listeners.map((listener) => ({ ...listener, address: { socketAddress: { address: '127.0.0.1', portValue: 0 } } }));
  const bootstrap = { ...rest, admin: { address: { pipe: { path: join(folder, 'admin.sock') } } }, staticResources: { ...staticResources, listeners } };
  const file = join(folder, 'bootstrap.json');
  writeFileSync(file, JSON.stringify(bootstrap));
  const { path } = await findEnvoy();
  const envoy = spawn(path, ['-c', file, '--disable-hot-restart', '-l', 'info', '--concurrency', '2'], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    await new Promise<void>((resolve, reject) => {
      let log = '';
      envoy.stderr.on('data', (text: Buffer) => {
        log += text.toString();
        if (log.includes('starting workers')) resolve();
      });
      envoy.on('exit', () => reject(new Error(log.slice(-2_000))));
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${envoy.pid}/status`, 'utf8'))?.[1]);
  } finally {
    envoy.removeAllListeners('exit').kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/** Milliseconds that this process has worked: others on the machine do not count. */
function busy(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function main(): Promise<void> {
  const proxy = parseNode(node);
  if (typeof proxy === 'string') throw new Error(proxy);
  const cluster = new Cluster();
  const compiler = new Compiler();
  cluster.apply(objects().map((resource) => ({ resource })));
  // As the control plane does it: prepared piece by piece, in slices between which others have their turn.
  const compile = (): { ms: number; longest: number; configuration: Configuration } => {
    const snapshot = cluster.snapshot();
    const start = busy();
    let [slice, longest] = [start, 0];
    const end = (): void => {
      const now = busy();
      longest = Math.max(longest, now - slice);
      slice = now;
    };
    for (const _ of compiler.prepare(snapshot, proxy)) {
      if (busy() - slice > SLICE_MS) end();
    }
    end();
    const { configuration } = compiler.compile(snapshot, proxy);
    end();
    return { ms: busy() - start, longest, configuration };
  };
  const { ms, longest, configuration } = compile();
  const edits = Array.from({ length: 21 }, (_, i) => {
    cluster.apply([{ resource: edited(20 + i) }]);
    return compile().ms;
  }).sort((a, b) => a - b);
  const empty: Configuration = new Map();
  console.log(JSON.stringify({
    compile: ms, longest, edit: edits[10], kilobytes: bytesOf(configuration) / 1024, memory: await memoryOf(configuration), idle: await memoryOf(empty),
  }));
}

void main();
