import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
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

function agentEnvironment(account: string): NodeJS.ProcessEnv {
  return {
    PROXY_CONFIG: JSON.stringify({ discoveryAddress: '127.0.0.1:15012' }), ISTIOD_SAN: 'istiod.istio-system.svc', POD_NAME: 'database-1', POD_NAMESPACE: 'vms',
    SERVICE_ACCOUNT: account, INSTANCE_IP: '127.0.0.1', SECRET_TTL: '20s', SECRET_GRACE_PERIOD_RATIO: '0.9', OUTPUT_CERTS: certs, PROV_CERT: certs, ENVOY_PATH: envoy,
  };
}

async function tell(): Promise<MachineStory> {
  writeFileSync(join(folder, 'mesh.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: vms }\n');
  const control = mesh(['control', '--files', 'mesh.yaml', '--listen', '127.0.0.1:15010', '--status', '127.0.0.1:15014', '--secure', '127.0.0.1:15012', '--ca', state]);
  await until(() => log.includes('serving certificates'));
  const { stdout: token } = spawnSync(process.execPath, [bundle, 'token', '--ca', state, '--namespace', 'vms', '--service-account', 'database'], { encoding: 'utf8' });
  mkdirSync(join(machine, 'var/run/secrets/tokens'), { recursive: true });
  mkdirSync(join(machine, 'var/run/secrets/workload-spiffe-uds'), { recursive: true });
  mkdirSync(certs);
  writeFileSync(join(machine, 'var/run/secrets/tokens/istio-token'), token, { mode: 0o600 });
  copyFileSync(join(state, 'root-cert.pem'), join(certs, 'root-cert.pem'));
  const agent = mesh(['agent', 'sidecar'], agentEnvironment('database'), machine);
  await until(async () => await readiness() === 200);
  const ready = await readiness();
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
  return { name, serials: serials.size, ready, refused, log, proofs: [...log.matchAll(/"proof":"([^"]+)"[^\n]*certificate signed/g)].map(([, proof]) => proof!) };
}

tell().then((story) => process.stdout.write(JSON.stringify(story), () => process.exit(0)), (error: Error) => {
  process.stderr.write(error.stack ?? error.message, () => process.exit(1));
});
