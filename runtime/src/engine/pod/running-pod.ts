import { setTimeout as sleep } from 'node:timers/promises';

import { APP_PROBERS } from '../../../../src/sidecar-probes';
import { readAppProbes } from '../../agent/app-probe';
import type { PodSandbox } from '../../local/pod-sandbox';
import type { Problem } from '../../model/problem';
import type { PodAgent } from './agent';
import { Log, type LogLine } from './log';
import { PROXY_CONTAINER, type ContainerPlan, type PodPlan } from './plan';
import { SupervisedProcess, type ProcessState } from './process';
import type { PodProxy } from './proxy';
import { readinessOf, type Readiness } from './readiness';

export interface RunningPodOptions {
  readonly plan: PodPlan;
  readonly sandbox: PodSandbox;
  /** Where the commands run. */
  readonly folder: string;
  /** Environment of every container, below its own. */
  readonly env: Readonly<Record<string, string>>;
  readonly makeProxy: (log: Log, onChange: () => void) => { readonly proxy: PodProxy; readonly agent: PodAgent };
  /** `iptables-restore` text, where traffic is captured. */
  readonly captureRules?: string;
  readonly onLine?: (container: string, line: LogLine) => void;
  /** Readiness, or the state of a process, has changed. */
  readonly onChange: (pod: RunningPod) => void;
}

interface RunningContainer {
  readonly name: string;
  readonly process: SupervisedProcess;
  readonly readiness: Readiness;
  ready: boolean;
  failures: number;
  checkedAt: number;
}

export interface ContainerState {
  readonly name: string;
  readonly state: ProcessState;
  readonly ready: boolean;
  readonly restarts: number;
}

const POLL_MS = 20;
/** How often a ready pod is looked at; the end of a process is noticed at once. */
const CALM_POLL_MS = 250;
const PROBE_MS = 100;
const SHUTDOWN_MS = 1_000;

/** A pod at work: its Envoy, then its containers, started again when they crash, and watched for readiness. */
export class RunningPod {
  public readonly plan: PodPlan;
  public readonly proxy: PodProxy | undefined;
  private readonly agent: PodAgent | undefined;
  private readonly logs = new Map<string, Log>();
  private containers: readonly RunningContainer[] = [];
  private proxyReady = false;
  private isReady = false;
  private ending = false;
  /** What is done before anything runs that could say how it is. */
  private step: string | undefined = 'its agent starts';

  public constructor(private readonly options: RunningPodOptions) {
    this.plan = options.plan;
    const made = options.plan.proxy && options.makeProxy(this.log(PROXY_CONTAINER), () => this.processChanged());
    this.proxy = made?.proxy;
    this.agent = made?.agent;
  }

  public get sandbox(): PodSandbox {
    return this.options.sandbox;
  }

  /** Where its commands run. */
  public get folder(): string {
    return this.options.folder;
  }

  /** Environment of every container, below its own. */
  public get commonEnv(): Readonly<Record<string, string>> {
    return this.options.env;
  }

  public get ready(): boolean {
    return this.isReady;
  }

  /** What it lacks to be ready, for those who wait for it. */
  public get lacks(): string {
    const proxy = this.proxy && !this.proxyReady ? [`its proxy is ${this.proxy.stage}`] : [];
    const waiting = this.containers.filter(({ ready }) => !ready).map(({ name, process: { state } }) => `container ${name} is ${state}, not ready`);
    return this.step ?? [...proxy, ...waiting].join(', ');
  }

  /** Its containers, the proxy first. */
  public states(): ContainerState[] {
    const proxy = this.proxy ? [{ name: PROXY_CONTAINER, state: this.proxy.state, ready: this.proxyReady, restarts: this.proxy.restarts }] : [];
    return [...proxy, ...this.containers.map(({ name, process, ready }) => ({ name, state: process.state, ready, restarts: process.restarts }))];
  }

  /** What a container has written; empty for one that has not started. */
  public log(container: string): Log {
    const log = this.logs.get(container) ?? new Log((line) => this.options.onLine?.(container, line));
    this.logs.set(container, log);
    return log;
  }

  /** What its plan found, and what its agent worries about. */
  public problems(): Problem[] {
    return [...this.plan.problems, ...this.agent?.problems() ?? []];
  }

  public containerNames(): string[] {
    return [...(this.proxy ? [PROXY_CONTAINER] : []), ...this.plan.containers.map(({ container }) => container.name)];
  }

  /** Starts everything, and watches it until `stop`. */
  public async start(): Promise<void> {
    await this.agent?.start();
    this.step = 'its traffic is being captured';
    if (this.options.captureRules !== undefined) {
      await this.sandbox.capture(this.options.captureRules);
    }
    this.proxy?.start();
    this.step = undefined;
    // Applications may call others as soon as they run, so a sidecar is ready before them, as in Kubernetes.
    while (this.proxy && !this.ending && !await this.proxy.isReady()) {
      await sleep(POLL_MS);
    }
    for (const init of this.plan.init) {
      this.step = `its init container ${init.container.name} runs`;
      await this.runToEnd(init);
    }
    this.step = undefined;
    if (!this.ending) {
      this.containers = this.plan.containers.map((container) => this.startContainer(container));
      this.options.onChange(this);
      void this.watch();
    }
  }

  /** Ends gently: requests under way are answered, then SIGTERM, then SIGKILL after the grace period. */
  public async stop(): Promise<void> {
    this.ending = true;
    const deadline = Date.now() + this.plan.graceMs;
    await this.proxy?.drain(this.plan.graceMs);
    await Promise.all(this.containers.map(({ process }) => process.stop(Math.max(deadline - Date.now(), 0))));
    await this.proxy?.kill();
    this.agent?.stop();
    await this.sandbox.remove();
  }

  /** Ends at once, with a moment for applications to say goodbye: the whole mesh goes. */
  public async shutdown(): Promise<void> {
    this.ending = true;
    this.agent?.stop();
    // Connections end with the proxy, and servers that wait for them.
    await Promise.all([this.proxy?.kill(), ...this.containers.map(({ process }) => process.stop(SHUTDOWN_MS))]);
  }

  /** SIGKILLs the applications (of a gateway, which has none, its Envoy); they stay down until `restart` or `resume`. */
  public async kill(): Promise<void> {
    await Promise.all(this.killable().map((process) => process.kill()));
  }

  public async restart(): Promise<void> {
    await Promise.all(this.killable().map((process) => process.restart(this.plan.graceMs)));
  }

  /** Starts what `kill` has ended. */
  public resume(): void {
    this.killable().filter(({ state }) => state === 'killed').forEach((process) => process.start());
  }

  private killable(): readonly Pick<SupervisedProcess, 'state' | 'start' | 'kill' | 'restart'>[] {
    return this.containers.length > 0 || !this.proxy ? this.containers.map(({ process }) => process) : [this.proxy];
  }

  private startContainer({ container, argv, env }: ContainerPlan): RunningContainer {
    const log = this.log(container.name);
    const { sandbox, folder } = this.options;
    const process = new SupervisedProcess({
      start: () => sandbox.spawn(argv, { env: { ...this.options.env, ...env }, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
      log, mayComplete: this.plan.mayComplete, onChange: () => this.processChanged(),
    });
    process.start();
    const run = (command: readonly string[]) => exitCode(sandbox, command, { ...this.options.env, ...env });
    const { proxy } = this;
    const agent = proxy && { probes: readAppProbes(this.plan.proxy?.env[APP_PROBERS]), connect: (port: number) => proxy.connect(port) };
    const readiness = readinessOf(container, { address: sandbox.address, pid: () => process.pid, run, ...(agent ? { agent } : {}) });
    return { name: container.name, process, readiness, ready: false, failures: 0, checkedAt: 0 };
  }

  private async runToEnd({ container, argv, env }: ContainerPlan): Promise<void> {
    for (let code = -1; code !== 0 && !this.ending;) {
      const child = this.sandbox.spawn(argv, { env: { ...this.options.env, ...env }, cwd: this.options.folder, stdio: ['ignore', 'pipe', 'pipe'] });
      const log = this.log(container.name);
      if (child.stdout && child.stderr) {
        log.read('stdout', child.stdout);
        log.read('stderr', child.stderr);
      }
      code = await new Promise<number>((resolve) => child.once('exit', (exit) => resolve(exit ?? 1)).once('error', () => resolve(127)));
      await sleep(code === 0 ? 0 : 1000);
    }
  }

  private async watch(): Promise<void> {
    for (; !this.ending; await sleep(this.isReady ? CALM_POLL_MS : POLL_MS)) {
      this.proxyReady ||= this.proxy ? await this.proxy.isReady() : false;
      await Promise.all(this.containers.map((container) => this.check(container)));
      this.judge();
    }
  }

  private judge(): void {
    const ready = (!this.proxy || this.proxyReady) && this.containers.every((container) => container.ready);
    if (ready !== this.isReady && !this.ending) {
      this.isReady = ready;
      this.options.onChange(this);
    }
  }

  /** A process has started or ended. */
  private processChanged(): void {
    this.proxyReady &&= this.proxy?.state === 'running';
    for (const container of this.containers) {
      container.ready &&= container.process.state === 'running' || container.process.state === 'completed';
    }
    this.judge();
    this.options.onChange(this);
  }

  private async check(container: RunningContainer): Promise<void> {
    const { process, readiness } = container;
    if (process.state !== 'running') {
      container.ready = process.state === 'completed';
      return;
    }
    const period = container.ready ? readiness.periodMs : readiness.periodMs && PROBE_MS;
    if ((container.ready && period === undefined) || Date.now() - container.checkedAt < (period ?? 0)) {
      return;
    }
    container.checkedAt = Date.now();
    const good = await readiness.check();
    container.failures = good ? 0 : container.failures + 1;
    container.ready = good || (container.ready && container.failures < readiness.failureThreshold);
  }
}

function exitCode(sandbox: PodSandbox, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = sandbox.spawn(argv, { env, stdio: 'ignore' });
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(127));
  });
}
