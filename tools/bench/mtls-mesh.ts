// Pods that speak mutual TLS: by sidecars, and by Envoys with a configuration written by hand.
// Run by tools/bench/mtls.mjs as `mtls-mesh.ts throughput|rotation`; prints JSON.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CertificateAuthority } from '../../runtime/src/local/certificate-authority';
import { findEnvoy } from '../../runtime/src/local/envoy-binary';

const ROOT = join(__dirname, '../..');
const MESH = join(ROOT, 'runtime/lib/mesh.js');
const LOAD = join(ROOT, 'tools/bench/mtls-load.mjs');
/** Many short ones, in turn: the speed of a shared machine changes within seconds. */
const ROUNDS = 12;
const SECONDS = 1.5;
const ROTATION_SECONDS = 20;
const folder = mkdtempSync(join(tmpdir(), 'mtls-'));
const NAME = `mtls-${process.pid}.yaml`;
const run = promisify(execFile);

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

interface PodOptions {
  /** Commands by name of the container. */
  readonly containers: Readonly<Record<string, readonly string[]>>;
  readonly ports?: readonly number[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly headless?: boolean;
}

/** A Deployment and its Service, as JSON, which is YAML. */
function workload(app: string, { containers, ports = [], annotations = {}, headless = false }: PodOptions): string[] {
  const commands = Object.entries(containers).map(([name, argv]) => [`local.cdk8s-istio.dev/${name}`, JSON.stringify(argv)]);
  const template = {
    metadata: { labels: { app }, annotations: { ...annotations, ...Object.fromEntries(commands) } },
    spec: { containers: Object.keys(containers).map((name, index) => ({ name, image: name, ports: index === 0 ? ports.map((containerPort) => ({ containerPort })) : [] })) },
  };
  const metadata = { name: app, namespace: 'bench' };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: { app } }, template } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app }, ...(headless ? { clusterIP: 'None' } : {}), ports: (ports.length ? ports : [1]).map((port) => ({ name: `http-${port}`, port })) } },
  ].map((object) => JSON.stringify(object));
}

const http = (action: object) => ({
  name: 'http',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    'stat_prefix': 'in',
    'route_config': { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, ...action }] }] },
    'http_filters': [{ name: 'router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } }],
  },
});

const listener = (address: string, port: number, chain: object) => ({ name: 'in', address: { socket_address: { address, port_value: port } }, filter_chains: [chain] });
const cluster = (type: string, address: string, port: number, more: object = {}) => ({
  name: 'to', type, connect_timeout: '5s', ...more,
  load_assignment: { cluster_name: 'to', endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] }] },
});

async function tls(direction: 'Upstream' | 'Downstream', authority: CertificateAuthority): Promise<object> {
  const { certificate, key } = await authority.issue({ hosts: [`spiffe://cluster.local/ns/bench/sa/${direction.toLowerCase()}`] });
  return {
    name: 'tls',
    typed_config: {
      '@type': `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${direction}TlsContext`,
      ...(direction === 'Downstream' ? { require_client_certificate: true } : {}),
      'common_tls_context': {
        tls_certificates: [{ certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } }],
        validation_context: { trusted_ca: { inline_string: authority.certificate } },
      },
    },
  };
}

async function manifests(): Promise<string> {
  const { path: envoy } = await findEnvoy();
  const authority = await CertificateAuthority.create('bench');
  const program = (name: string, listeners: object[], clusters: object[] = []): string[] => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ static_resources: { listeners, clusters } }), { mode: 0o600 });
    return [envoy, '-c', file, '--disable-hot-restart', '-l', 'error', '--concurrency', '2'];
  };
  const app = program('app', [listener('0.0.0.0', 8080, { filters: [http({ direct_response: { status: 200, body: { inline_string: 'hello' } } })] })]);
  const sleep = ['sleep', '1000000'];
  const plain = { 'sidecar.istio.io/inject': 'false' };
  const short = { 'proxy.istio.io/config': JSON.stringify({ proxyMetadata: { SECRET_TTL: '4s' } }) };
  const server = program('server', [listener('0.0.0.0', 8443, { filters: [http({ route: { cluster: 'to' } })], transport_socket: await tls('Downstream', authority) })], [cluster('STATIC', '127.0.0.1', 8080)]);
  const client = program('client', [listener('0.0.0.0', 9000, { filters: [http({ route: { cluster: 'to' } })] })],
    [cluster('STRICT_DNS', 'hand-server', 8443, { transport_socket: await tls('Upstream', authority) })]);
  return [
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data: { mesh: 'accessLogFile: ""' } }),
    ...workload('server', { containers: { app }, ports: [8080] }), ...workload('client', { containers: { app: sleep } }),
    ...workload('hand-server', { containers: { server, app }, ports: [8443], annotations: plain, headless: true }),
    ...workload('hand-client', { containers: { client }, ports: [9000], annotations: plain, headless: true }),
    ...workload('short-server', { containers: { app }, ports: [8080], annotations: short }), ...workload('short-client', { containers: { app: sleep }, annotations: short }),
  ].join('\n---\n');
}

async function inPod(pod: string, argv: readonly string[]): Promise<string> {
  const running = run(process.execPath, [MESH, 'exec', '--mesh', NAME, pod, '--', ...argv], { maxBuffer: 64 * 1024 * 1024 });
  // It hands its input on to the program, for as long as there is one.
  running.child.stdin?.end();
  return (await running).stdout;
}

async function load<T>(pod: string, words: readonly string[]): Promise<T> {
  return JSON.parse(await inPod(pod, [process.execPath, LOAD, ...words])) as T;
}

async function throughput(): Promise<object> {
  const rateOf = async (pod: string, host: string, port: string) => (await load<{ rate: number }>(pod, ['throughput', host, port, String(SECONDS)])).rate;
  const rounds: { mesh: number; hand: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = round % 2 === 0 ? await rateOf('client', 'server', '8080') : undefined;
    const hand = await rateOf('hand-client', '127.0.0.1', '9000');
    rounds.push({ mesh: before ?? await rateOf('client', 'server', '8080'), hand });
  }
  const median = (of: (round: { mesh: number; hand: number }) => number) => quantile(rounds.map(of), 0.5);
  return { mesh: median(({ mesh }) => mesh), hand: median(({ hand }) => hand), ratio: median(({ mesh, hand }) => mesh / hand), handshakes: await handshakes('server') };
}

/** Both at the same time, so that both feel the same machine. */
async function rotation(): Promise<object> {
  const latency = (pod: string, server: string) => load<{ times: number[]; failures: number }>(pod, ['latency', server, '8080', String(ROTATION_SECONDS)]);
  const [steady, rotating] = await Promise.all([latency('client', 'server'), latency('short-client', 'short-server')]);
  const text = await run(process.execPath, [MESH, 'logs', '--mesh', NAME, 'short-client'], { maxBuffer: 64 * 1024 * 1024 });
  const rotations = text.stdout.match(/agent info certificate/g)?.length ?? 0;
  return { steady: quantile(steady.times, 0.99), rotating: quantile(rotating.times, 0.99), failures: steady.failures + rotating.failures, rotations };
}

async function handshakes(pod: string): Promise<number> {
  const stats = await inPod(pod, ['curl', '-s', 'http://127.0.0.1:15000/stats?filter=ssl.handshake']);
  return [...stats.matchAll(/ssl\.handshake: (\d+)/g)].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function main(): Promise<void> {
  const file = join(folder, NAME);
  writeFileSync(file, await manifests());
  const mesh = spawn(process.execPath, [MESH, 'up', file, '--offline', '--port', '18070'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise((resolve) => mesh.once('exit', resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      let text = '';
      mesh.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('mesh up')) resolve();
      });
      void gone.then(() => reject(new Error(text)));
    });
    console.log(JSON.stringify(process.argv[2] === 'rotation' ? await rotation() : await throughput()));
  } finally {
    mesh.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
