import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runAgent } from '../../src/agent/agent';
import { runCapture } from '../../src/agent/run-capture';
import { AGENT_PORT } from '../../src/agent/status-server';
import { any, encodeResource, type Listener } from '../../src/envoy';
import { TYPE_URLS, type Configuration } from '../../src/model/configuration';
import { bind, XdsServer, type ConnectedProxy } from '../../src/xds';
import { TestAuthority } from './test-authority';

// What runs in the namespaces of a pod in tests of the agent: the agent as Kubernetes would start it, and what the test does to it.

const XDS_PORT = 15010;
const SECURE_PORT = 15012;
const APP_PORT = 7000;

export interface AgentStory {
  readonly readyWithoutControlPlane: number;
  readonly node: { id: string; metadata: Record<string, unknown> } | undefined;
  readonly readyStatus: number;
  readonly bootstrap: { node: { id: string } };
  readonly answer: string;
  readonly whileDraining: { readonly ready: number; readonly answer: string };
  readonly drainedAfterMs: number;
  readonly exitCode: number | null;
  readonly codeWhenEnvoyDies: number | null;
}

/** Start without a control plane, then with one, then SIGTERM while a request is under way. */
async function tellAgentStory(folder: string): Promise<AgentStory> {
  const podInfo = mkdtempSync(join(folder, 'info-'));
  writeFileSync(join(podInfo, 'labels'), 'app="reviews"\nversion="v1"');
  const agent = startAgent(folder, podInfo);
  await sleep(1_000);
  const readyWithoutControlPlane = await ready();
  let proxy: ConnectedProxy | undefined;
  const server = new XdsServer({ onConnect: (connected) => {
    proxy = connected;
    server.setConfiguration(connected.id, configuration());
  } });
  await server.listen(`127.0.0.1:${XDS_PORT}`);
  const readyStatus = await until(ready, (status) => status === 200);
  const answer = await ask();
  const open = connect(APP_PORT, '127.0.0.1');
  agent.kill('SIGTERM');
  const asked = Date.now();
  await sleep(500);
  const whileDraining = { ready: await ready(), answer: await ask() };
  const exitCode = await exitOf(agent);
  const drainedAfterMs = Date.now() - asked;
  open.destroy();
  const second = startAgent(folder, podInfo);
  await until(ready, (status) => status === 200);
  spawnSync('sh', ['-c', 'for p in /proc/[0-9]*; do [ "$(readlink $p/exe)" = "$0" ] && kill -9 ${p#/proc/}; done; true', process.env.ENVOY_PATH ?? '']);
  const codeWhenEnvoyDies = await exitOf(second);
  await server.close();
  const bootstrap = JSON.parse(readFileSync(join(folder, 'envoy-rev.json'), 'utf8')) as AgentStory['bootstrap'];
  return {
    readyWithoutControlPlane, readyStatus, answer, whileDraining, drainedAfterMs, exitCode, codeWhenEnvoyDies, bootstrap,
    node: proxy ? { id: proxy.node.id, metadata: proxy.node.metadata as Record<string, unknown> } : undefined,
  };
}

export interface MachineStory {
  readonly readyStatus: number;
  readonly proofs: readonly string[];
  readonly probe: { readonly status: number; readonly body: string };
  readonly wrongProbe: number;
  readonly metrics: string;
  readonly files: readonly { readonly name: string; readonly mode: number }[];
  readonly readyAgain: number;
  readonly proofsAgain: readonly string[];
  readonly sans: readonly string[];
}

/** A machine outside of Kubernetes: a token for the first certificate, then started again without one. */
async function tellMachineStory(folder: string): Promise<MachineStory> {
  const machine = mkdtempSync(join(folder, 'machine-'));
  const certs = join(machine, 'certs');
  const secrets = join(machine, 'var/run/secrets');
  for (const name of ['tokens', 'istio']) mkdirSync(join(secrets, name), { recursive: true });
  const authority = await TestAuthority.create();
  authority.tokens.add('of the machine');
  writeFileSync(join(secrets, 'tokens/istio-token'), 'of the machine\n');
  writeFileSync(join(secrets, 'istio/root-cert.pem'), authority.rootPem);
  await authority.listen(`127.0.0.1:${XDS_PORT + 3}`);
  const server: XdsServer = new XdsServer({ onConnect: ({ id }) => server.setConfiguration(id, configuration()) });
  const door = server.open({ secrets: true, admit: (_node, certificate) => (certificate ? undefined : 'there is no certificate') });
  await bind(door, `127.0.0.1:${SECURE_PORT}`, await authority.serverCredentials());
  createServer((asked, answer) => answer.end(`${asked.url} ${asked.headers.host}`)).listen(APP_PORT + 1, '127.0.0.1');
  const env = {
    POD_NAME: 'vm-1', POD_NAMESPACE: 'vm', SERVICE_ACCOUNT: 'legacy', INSTANCE_IP: '127.0.0.1', CA_ADDR: `127.0.0.1:${XDS_PORT + 3}`, ISTIOD_SAN: 'istiod.istio-system.svc',
    OUTPUT_CERTS: certs, ISTIO_KUBE_APP_PROBERS: JSON.stringify({ '/app-health/app/readyz': { httpGet: { path: '/ready', port: APP_PORT + 1 } } }),
    PROXY_CONFIG: JSON.stringify({ discoveryAddress: `127.0.0.1:${SECURE_PORT}`, concurrency: 1, terminationDrainDuration: '1s' }),
  };
  const first = startAgent(machine, machine, env);
  const readyStatus = await until(ready, (status) => status === 200);
  const probe = await get(AGENT_PORT, '/app-health/app/readyz');
  const { status: wrongProbe } = await get(AGENT_PORT, '/app-health/other/readyz');
  const { body: metrics } = await get(AGENT_PORT, '/metrics');
  const proofs = [...authority.proofs];
  const files = readdirSync(certs).map((name) => ({ name, mode: statSync(join(certs, name)).mode & 0o777 }));
  first.kill('SIGTERM');
  await exitOf(first);
  authority.tokens.clear();
  const second = startAgent(machine, machine, { ...env, PROV_CERT: certs, SECRET_TTL: '2s' });
  const readyAgain = await until(ready, (status) => status === 200);
  // The certificate of before counts; nothing is asked until its half.
  const proofsAgain = authority.proofs.slice(proofs.length);
  second.kill('SIGTERM');
  await exitOf(second);
  const sans = [new X509Certificate(readFileSync(join(certs, 'cert-chain.pem'))).subjectAltName ?? ''];
  authority.close();
  await server.close();
  return { readyStatus, proofs, probe, wrongProbe, metrics, files, readyAgain, proofsAgain, sans };
}

function startAgent(folder: string, podInfo: string, own: NodeJS.ProcessEnv = {}): ChildProcess {
  const args = [process.argv[1] as string, 'agent', podInfo, 'sidecar', '--domain', 'bookinfo.svc.cluster.local', '--proxyLogLevel=error', `--configPath=${folder}`];
  const env = {
    ...process.env, POD_NAME: 'reviews-v1-0', POD_NAMESPACE: 'bookinfo', INSTANCE_IP: '127.0.0.1', SERVICE_ACCOUNT: 'reviews',
    PROXY_CONFIG: JSON.stringify({ discoveryAddress: `127.0.0.1:${XDS_PORT}`, concurrency: 1, terminationDrainDuration: '2s' }),
    ...own,
  };
  return spawn(process.execPath, args, { env, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function configuration(): Configuration {
  const manager = any('HttpConnectionManager', {
    statPrefix: 'app',
    routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, directResponse: { status: 200, body: { inlineString: 'served' } } }] }] },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: any('Router', {}) }],
  });
  const listener: Listener = {
    name: 'virtualInbound',
    trafficDirection: 1,
    address: { socketAddress: { address: '0.0.0.0', portValue: APP_PORT } },
    filterChains: [{ filters: [{ name: 'http', typedConfig: manager }] }],
  };
  return new Map([
    [TYPE_URLS.listener, new Map([['virtualInbound', encodeResource(TYPE_URLS.listener, 'virtualInbound', listener)]])],
    [TYPE_URLS.cluster, new Map()],
  ]);
}

function ready(): Promise<number> {
  return get(15021, '/healthz/ready').then(({ status }) => status, () => 0);
}

function ask(): Promise<string> {
  return get(APP_PORT, '/').then(({ body }) => body, (error: Error) => error.message);
}

function get(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, timeout: 2_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject).end();
  });
}

async function until<T>(read: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (fits(value) || Date.now() > deadline) return value;
    await sleep(50);
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null ? Promise.resolve(child.exitCode) : new Promise((resolve) => child.once('exit', resolve));
}

async function main([word, first = '', ...rest]: readonly string[]): Promise<number> {
  if (word === 'capture') return runCapture([first, ...rest].filter((argument) => argument !== '-'));
  if (word === 'agent') return runAgent(rest, { podInfo: first });
  process.stdout.write(JSON.stringify(await (word === 'machine' ? tellMachineStory(first) : tellAgentStory(first))));
  return 0;
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
