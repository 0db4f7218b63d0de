import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseDiscoveryAddress, parseDuration, readAgentArguments, type AgentArguments } from './arguments';
import { emitBootstrap } from './bootstrap';
import { drainEnvoy, type DrainOptions } from './drain';
import { envoyCommand } from './envoy-command';
import { readHealthProbe, unhealthyBecause } from './health-probe';
import { HealthReport } from './health-report';
import { HealthWatch } from './health-watch';
import { readNode, type ProxyNode } from './node';
import { readPodInfo } from './pod-info';
import { rootFileOf, startIdentity, type ProcessIdentity } from './process-identity';
import { readProxyConfig, withProxyMetadata } from './proxy-config';
import type { NetworkAddress } from './static-resources';
import { AGENT_PORT, serveStatus } from './status-server';

const DEFAULT_CONTROL_PLANE = 'istiod.istio-system.svc:15012';
/** Where Istio serves configuration without TLS. */
const PLAIN_PORT = 15010;
const DEFAULT_DRAIN_MS = 5_000;
/** Envoy ends by itself at once; one that hangs is killed. */
const KILL_AFTER_MS = 5_000;

export interface AgentOptions {
  /** The Envoy binary. @default ENVOY_PATH, then `envoy` on PATH: the image has one */
  readonly envoy?: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Folder with the pod's `labels` and `annotations`. @default '/etc/istio/pod' */
  readonly podInfo?: string;
}

/** `mesh agent sidecar|router`, process 1 of the container `istio-proxy`. Resolves with Envoy's exit code. */
export async function runAgent(argv: readonly string[], options: AgentOptions = {}): Promise<number> {
  const given = readAgentArguments(argv);
  if (!given) {
    process.stderr.write(`agent: expected sidecar or router, got ${argv[0] ?? 'nothing'}: mesh agent sidecar stands beside a workload, mesh agent router is a gateway; the rest is said by the environment\n`);
    return 2;
  }
  const env = options.env ?? process.env;
  const podInfo = options.podInfo ?? '/etc/istio/pod';
  const [labels, annotations] = ['labels', 'annotations'].map((file) => readPodInfo(join(podInfo, file)));
  const config = readProxyConfig(env, annotations);
  const address = parseDiscoveryAddress(config.discoveryAddress ?? DEFAULT_CONTROL_PLANE);
  if (!address) {
    process.stderr.write(`agent: discoveryAddress in PROXY_CONFIG: expected host:port, got ${String(config.discoveryAddress)}\n`);
    return 2;
  }
  if (env.INSTANCE_IP !== undefined && isIP(env.INSTANCE_IP) === 0) {
    process.stderr.write(`agent: INSTANCE_IP: expected the address at which others reach this workload, got "${env.INSTANCE_IP}"; for a machine, mesh machine --address IP writes it\n`);
    return 2;
  }
  const node = readNode({ type: given.type, env, domain: given.domain, labels, annotations });
  const proxyEnv = withProxyMetadata(env, config);
  const identity = await startIdentity({
    env: proxyEnv, discoveryAddress: `${address.host}:${address.port}`, foreignRoots: textsOf(config.caCertificatesPem), log: writeLog,
  });
  const status = serveStatus({ probes: env.ISTIO_KUBE_APP_PROBERS, address: env.INSTANCE_IP ?? '127.0.0.1', figures: () => identity.agent?.figures() });
  status.on('error', (error) => writeLog('error', `cannot answer probes: ${error.message}`)).listen(AGENT_PORT);
  const bootstrapFile = join(given.configPath, 'envoy-rev.json');
  mkdirSync(given.configPath, { recursive: true });
  const bootstrap = emitBootstrap({ node, controlPlane: { ...address, ...verification(address, proxyEnv) }, secretSocket: identity.socket });
  writeFileSync(bootstrapFile, JSON.stringify(bootstrap, undefined, 2));
  const [file = '', ...args] = envoyCommand({ ...commandOptions(given, config), envoy: (options.envoy ?? env.ENVOY_PATH) || 'envoy', bootstrapFile });
  const health = watchHealth({ env: proxyEnv, config, node, address, identity });
  const code = await superviseEnvoy(spawn(file, args, { stdio: 'inherit', env }), drainOptions(config, env));
  health?.stop();
  identity.agent?.stop();
  status.close();
  return code;
}

/** On machines outside of Kubernetes nobody else asks the workload how it is. */
function watchHealth({ env, config, node, address, identity }: HealthOptions): { stop(): void } | undefined {
  const probe = readHealthProbe(config);
  if (!probe) return undefined;
  const { secure } = verification(address, env);
  if (!secure || !identity.agent) {
    writeLog('warn', 'readinessProbe has no effect: health is told to the secured port of the control plane only, with a certificate that the agent has');
    return undefined;
  }
  const { agent } = identity;
  const report = new HealthReport({
    node, address: `${address.host}:${address.port}`, serverName: secure.name, rootFile: secure.rootFile ?? rootFileOf(env), certificate: () => agent.current, log: writeLog,
  });
  const watch = new HealthWatch(probe, () => unhealthyBecause(probe, env.INSTANCE_IP ?? '127.0.0.1'), (health) => void report.tell(health));
  watch.start();
  return { stop: () => [watch.stop(), report.close()] };
}

interface HealthOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly config: Readonly<Record<string, unknown>>;
  readonly node: ProxyNode;
  readonly address: { readonly host: string; readonly port: number };
  readonly identity: ProcessIdentity;
}

/** The control plane is asked in plain text at Istio's port for that only; elsewhere it must prove its name, and the proxy its own. */
function verification({ host, port }: { readonly host: string; readonly port: number }, env: NodeJS.ProcessEnv): Pick<NetworkAddress, 'secure'> {
  if (port === PLAIN_PORT) return {};
  return { secure: { name: env.ISTIOD_SAN || host, ...(env.XDS_ROOT_CA ? { rootFile: env.XDS_ROOT_CA } : {}) } };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

function writeLog(level: string, message: string): void {
  process.stderr.write(`agent: ${level} ${message}\n`);
}

function commandOptions({ logLevel, componentLogLevel }: AgentArguments, config: Readonly<Record<string, unknown>>) {
  const drainMs = parseDuration(config.drainDuration);
  return {
    logLevel, componentLogLevel,
    ...(typeof config.concurrency === 'number' ? { concurrency: config.concurrency } : {}),
    ...(drainMs === undefined ? {} : { drainSeconds: Math.ceil(drainMs / 1_000) }),
  };
}

/** Istio's two ways to end: after a fixed time, or with the last connection. */
function drainOptions(config: Readonly<Record<string, unknown>>, env: NodeJS.ProcessEnv): DrainOptions {
  const durationMs = parseDuration(config.terminationDrainDuration ?? env.TERMINATION_DRAIN_DURATION) ?? DEFAULT_DRAIN_MS;
  if (env.EXIT_ON_ZERO_ACTIVE_CONNECTIONS !== 'true') return { durationMs };
  return { durationMs, untilIdleMs: parseDuration(env.MINIMUM_DRAIN_DURATION) ?? DEFAULT_DRAIN_MS };
}

/** On SIGTERM or SIGINT the proxy drains, then ends; its exit code is the agent's. */
function superviseEnvoy(envoy: ChildProcess, drain: DrainOptions): Promise<number> {
  const exited = new Promise<number>((resolve) => {
    envoy.once('error', (error) => {
      process.stderr.write(`agent: cannot start Envoy: ${error.message}; put envoy on PATH, or set ENVOY_PATH: mesh envoy prints the path of one, and fetches it first\n`);
      resolve(127);
    });
    // A shell's convention for a program that a signal ended.
    envoy.once('exit', (code) => resolve(code ?? 128));
  });
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    await drainEnvoy(drain, exited);
    envoy.kill('SIGTERM');
    setTimeout(() => envoy.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  return exited;
}
