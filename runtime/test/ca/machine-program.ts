import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// What happens on a machine outside of Kubernetes, in a network of its own: a control plane, and beside it an agent that has a token.

export interface MachineStory {
  readonly name: string | undefined;
  readonly proofs: readonly string[];
  readonly serials: number;
  /** The status of Envoy's readiness: it has its configuration. */
  readonly ready: number;
  readonly refused: boolean;
  /** What of the Service's endpoints its Envoy knows: while the workload is well, not well, and well again. */
  readonly endpoints: readonly string[];
  readonly log: string;
}

const [folder = '', bundle = '', envoy = ''] = process.argv.slice(2);
const [state, machine] = [join(folder, 'state'), join(folder, 'machine')];
const certs = join(machine, 'certs');
let log = '';

function mesh(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = folder): ChildProcess {
  const child = spawn(process.execPath, [bundle, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { log += text; });
  return child;
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!await what()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what.toString()}\n${log}`);
    await sleep(50);
  }
}

function readiness(): Promise<number> {
  return new Promise((resolve) => get('http://127.0.0.1:15021/healthz/ready', ({ statusCode = 0 }) => resolve(statusCode)).on('error', () => resolve(0)));
}

const MANIFEST = `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: database, namespace: vms }
spec:
  metadata: { labels: { app: database } }
  template: { serviceAccount: database, ports: { http: 8080 } }
  probe: { periodSeconds: 1, httpGet: { path: /healthz, port: 8080 } }
---
apiVersion: v1
kind: Service
metadata: { name: database, namespace: vms }
spec: { selector: { app: database }, ports: [{ name: http, port: 80 }] }
`;

/** The workload on the machine: how it says that it is. */
let well = true;
const workload = createServer((_, answer) => answer.writeHead(well ? 200 : 503).end());

function admin(path: string): Promise<string> {
  return new Promise((resolve) => get(`http://127.0.0.1:15000${path}`, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => resolve(text));
  }).on('error', () => resolve('')));
}

/** The addresses behind the Service, as the machine's own Envoy has them. */
async function endpoints(): Promise<string> {
  const lines = (await admin('/clusters')).split('\n');
  return [...new Set(lines.flatMap((line) => /^outbound\|80\|\|database\.vms\.svc\.cluster\.local::(\d[^:]*:\d+)::/.exec(line)?.[1] ?? []))].join(' ');
}

async function registration(): Promise<string[]> {
  const seen: string[] = [];
  for (const [is, expected] of [[true, '127.0.0.1:8080'], [false, ''], [true, '127.0.0.1:8080']] as const) {
    well = is;
    await until(async () => await endpoints() === expected);
    seen.push(await endpoints());
  }
  return seen;
}

function agentEnvironment(account: string): NodeJS.ProcessEnv {
  return {
    ...environmentOfMachine(), ISTIOD_SAN: 'istiod.istio-system.svc', POD_NAME: 'database-1', SERVICE_ACCOUNT: account, SECRET_TTL: '20s', SECRET_GRACE_PERIOD_RATIO: '0.9', OUTPUT_CERTS: certs, PROV_CERT: certs, ENVOY_PATH: envoy,
  };
}

/** As the shell of the machine reads it. */
function environmentOfMachine(): NodeJS.ProcessEnv {
  const { stdout } = spawnSync('sh', ['-c', 'set -a && . ./cluster.env && env -0'], { cwd: machine, env: { PATH: process.env.PATH }, encoding: 'utf8' });
  const variables = stdout.split('\0').filter((one) => /^(POD_NAMESPACE|INSTANCE_IP|PROXY_CONFIG)=/.test(one));
  return Object.fromEntries(variables.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
}

async function tell(): Promise<MachineStory> {
  writeFileSync(join(folder, 'mesh.yaml'), MANIFEST);
  const control = mesh(['control', '--files', 'mesh.yaml', '--listen', '127.0.0.1:15010', '--status', '127.0.0.1:15014', '--secure', '127.0.0.1:15012', '--ca', state]);
  await until(() => log.includes('serving certificates'));
  const written = spawnSync(process.execPath, [
    bundle, 'machine', 'database.vms', 'mesh.yaml', '--ca', state, '--output', machine, '--control-plane', '127.0.0.1:15012', '--address', '127.0.0.1',
  ], { cwd: folder, encoding: 'utf8' });
  if (written.status !== 0) throw new Error(written.stderr);
  mkdirSync(certs);
  await new Promise<void>((resolve) => void workload.listen(8080, '127.0.0.1', resolve));
  copyFileSync(join(state, 'root-cert.pem'), join(certs, 'root-cert.pem'));
  const agent = mesh(['agent', 'sidecar'], agentEnvironment('database'), machine);
  await until(async () => await readiness() === 200);
  const ready = await readiness();
  const found = await registration();
  const serials = new Set<string>();
  const leaf = () => new X509Certificate(readFileSync(join(certs, 'cert-chain.pem')));
  await until(() => existsSync(join(certs, 'cert-chain.pem')) && serials.add(leaf().serialNumber).size >= 3);
  const name = leaf().subjectAltName;
  agent.kill('SIGTERM');
  await new Promise((resolve) => agent.once('exit', resolve));
  // The same machine with its good certificate, as somebody else.
  const other = mesh(['agent', 'sidecar'], agentEnvironment('admin'), machine);
  await until(() => log.includes('proxy refused') && log.includes('it asks for the name'));
  const refused = await readiness() !== 200;
  for (const child of [other, control]) child.kill('SIGKILL');
  return { name, serials: serials.size, ready, refused, endpoints: found, log, proofs: [...log.matchAll(/"proof":"([^"]+)"[^\n]*certificate signed/g)].map(([, proof]) => proof!) };
}

tell().then((story) => process.stdout.write(JSON.stringify(story), () => process.exit(0)), (error: Error) => {
  process.stderr.write(error.stack ?? error.message, () => process.exit(1));
});
