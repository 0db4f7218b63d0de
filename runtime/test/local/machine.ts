import { insideContext } from '../../src/local/launch';
import { readCaptureArguments } from '../../src/agent/capture';
import { emitCaptureRules } from '../../src/agent/capture-rules';
import { emitBootstrap } from '../../src/agent/bootstrap';
import { envoyCommand } from '../../src/agent/envoy-command';
import { readNode } from '../../src/agent/node';
import { adminText } from '../../src/local/admin';
import { runEcho } from '../../src/local/echo';
import { LocalNetwork, type LocalNetworkOptions } from '../../src/local/network';
import type { ServicePort } from '../../src/local/outside-config';
import type { PodOptions, PodSandbox } from '../../src/local/pod-sandbox';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

// What runs inside the namespaces in tests of the local machine: it does what the test, on the host side, asks for.

export interface MachineOptions extends Omit<LocalNetworkOptions, 'runDirectory' | 'channel'> { readonly entry: string }
export interface ProxyRequest { readonly pod: string; readonly listeners: readonly object[]; readonly clusters: readonly object[]; readonly capture: readonly string[] }
export interface ExecRequest { readonly pod: string; readonly argv: readonly string[] }
export interface ExecResult { readonly code: number | null; readonly stdout: string; readonly stderr: string }

const MARK = 1337;

class Machine {
  private readonly pods = new Map<string, PodSandbox>();
  private readonly logs = new Map<string, string>();

  private constructor(private readonly network: LocalNetwork, private readonly options: MachineOptions, private readonly runDirectory: string) {}

  public static async start(options: MachineOptions, context: NonNullable<ReturnType<typeof insideContext>>): Promise<Machine> {
    return new Machine(await LocalNetwork.create({ ...options, ...context }), options, context.runDirectory);
  }

  public async add(pods: readonly PodOptions[]): Promise<void> {
    for (const pod of await this.network.addPods(pods)) this.pods.set(pod.name, pod);
  }

  public echo({ pod, args }: { pod: string; args: readonly string[] }): void {
    const child = this.pod(pod).spawn([process.execPath, this.options.entry, 'echo', ...args], { env: { HOSTNAME: pod }, stdio: ['ignore', 'inherit', 'inherit'] });
    child.unref();
  }

  public async exec({ pod, argv }: ExecRequest): Promise<ExecResult> {
    const child = this.pod(pod).spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout as NonNullable<typeof child.stdout>), text(child.stderr as NonNullable<typeof child.stderr>)]);
    return { code: await exited, stdout, stderr };
  }

  /** An Envoy with our bootstrap, but with static listeners and clusters in place of a control plane. */
  public async proxy({ pod, listeners, clusters, capture }: ProxyRequest): Promise<void> {
    const sandbox = this.pod(pod);
    const { options } = readCaptureArguments(capture);
    await sandbox.capture(emitCaptureRules(options, { mark: MARK }));
    const folder = join(this.runDirectory, `proxy-${pod}`);
    mkdirSync(folder);
    const adminSocket = join(folder, 'admin');
    const env = { POD_NAME: pod, POD_NAMESPACE: sandbox.namespace, INSTANCE_IP: sandbox.address };
    const node = readNode({ type: 'sidecar', env, labels: { app: pod }, annotations: {} });
    const bootstrap = emitBootstrap({ node, controlPlane: { path: join(this.runDirectory, 'xds') }, adminSocket, mark: MARK }) as {
      dynamicResources: unknown; staticResources: { listeners: object[]; clusters: object[] };
    };
    delete bootstrap.dynamicResources;
    bootstrap.staticResources.listeners.push(...listeners);
    bootstrap.staticResources.clusters.push(...clusters);
    const bootstrapFile = join(folder, 'envoy.json');
    writeFileSync(bootstrapFile, JSON.stringify(bootstrap));
    const child = sandbox.spawn(envoyCommand({ envoy: this.options.envoy, bootstrapFile, concurrency: 1 }), { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.logs.set(pod, (this.logs.get(pod) ?? '') + chunk));
    for (let tries = 0; tries < 400; tries++, await sleep(25)) {
      if ((await adminText(adminSocket, '/ready').catch(() => '')).startsWith('LIVE')) return;
    }
    throw new Error(`the proxy of ${pod} does not get ready`);
  }

  public accessLog(pod: string): string {
    return this.logs.get(pod) ?? '';
  }

  public names(names: readonly (readonly [string, readonly string[]])[]): void {
    this.network.setNames(new Map(names));
  }

  public services(services: readonly ServicePort[]): Promise<void> {
    return this.network.setServices(services);
  }

  public async expose(ports: Parameters<LocalNetwork['setExposed']>[0]): Promise<[string, string][]> {
    return [...await this.network.setExposed(ports)];
  }

  public async remove(pod: string): Promise<void> {
    await this.pod(pod).remove();
    this.pods.delete(pod);
  }

  public processes(pod: string): number[] {
    return this.pod(pod).processes();
  }

  public standIns(standIns: Parameters<LocalNetwork['setStandIns']>[0]): Promise<void> {
    return this.network.setStandIns(standIns);
  }

  public authority(): string | undefined {
    return this.network.standInAuthority;
  }

  private pod(name: string): PodSandbox {
    const pod = this.pods.get(name);
    if (!pod) throw new Error(`no pod ${name}`);
    return pod;
  }
}

const METHODS = ['add', 'echo', 'exec', 'proxy', 'accessLog', 'names', 'services', 'expose', 'remove', 'processes', 'standIns', 'authority'] as const;
export type MachineMethod = typeof METHODS[number];

function serve(): void {
  const context = insideContext();
  if (!context) throw new Error('started outside of the namespaces');
  context.channel.onClose(() => process.exit(0));
  let machine: Machine | undefined;
  context.channel.handle('start', async (options: MachineOptions) => {
    machine = await Machine.start(options, context);
    return process.pid;
  });
  for (const method of METHODS) {
    context.channel.handle(method, (argument: never) => (machine as unknown as Record<string, (argument: never) => unknown>)[method]?.(argument));
  }
}

if (process.argv[2] === 'echo') void runEcho(process.argv.slice(3)).then((code) => process.exit(code));
else serve();
