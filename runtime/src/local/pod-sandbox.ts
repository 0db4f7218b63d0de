import type { ChildProcess, StdioOptions } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NamespaceHolder } from './namespace-holder';
import { quote } from './pod-files';
import { allProcesses, isOver, kill, networkOf } from './process-life';
import { spawnWithPipes } from './real-pipe';
import { runTool, toolEnvironment } from './tool';

const KILL_POLL_MS = 5;
const KILL_ROUNDS = 400;

export interface PodOptions {
  /** Unique within its namespace; it is the pod's host name. */
  readonly name: string;
  readonly namespace: string;
  /** IPv4 address within the pods' network. */
  readonly address: string;
  /** Its applications are told names by the mesh, not by the cluster. @default false */
  readonly toldNames?: boolean;
}

export interface SpawnOptions {
  /** The whole environment; PATH is taken from this process where it is missing. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the current folder */
  readonly cwd?: string;
  /** @default 'pipe' */
  readonly stdio?: StdioOptions;
}

/** A pod: namespaces with an address of their own, in which processes are started. */
export class PodSandbox {
  private removed = false;

  /** Made by `LocalNetwork.addPods`. */
  public constructor(
    private readonly pod: PodOptions,
    private readonly holder: NamespaceHolder,
    private readonly place: { readonly link: string; readonly folder: string },
  ) {}

  public get name(): string {
    return this.pod.name;
  }

  public get namespace(): string {
    return this.pod.namespace;
  }

  public get address(): string {
    return this.pod.address;
  }

  /** Starts a program in the pod, in a session of its own: `kill(-pid)` reaches everything that it starts. */
  public spawn(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const env = toolEnvironment({ PATH: process.env.PATH, ...(options.env ?? process.env) });
    const command = this.holder.enter(argv, options.cwd ?? process.cwd());
    return spawnWithPipes(command, { env, stdio: options.stdio ?? 'pipe', detached: true }, this.place.folder);
  }

  /** Puts capture rules in force: the text for `iptables-restore`, which replaces those of earlier calls. */
  public async capture(rules: string): Promise<void> {
    try {
      await this.holder.run(`iptables-restore <<'RULES'\n${rules}\nRULES`);
    } catch (error) {
      throw new Error(`cannot capture the traffic of pod ${this.pod.name}.${this.pod.namespace}: ${(error as Error).message}`);
    }
  }

  public get isRemoved(): boolean {
    return this.removed;
  }

  /** Puts a packet filter in force, which replaces an earlier one; capture is left as it is. */
  public async filter(rules: string): Promise<void> {
    try {
      await this.holder.run(`iptables-restore <<'RULES'\n${rules}\nRULES`);
    } catch (error) {
      throw new Error(`cannot filter the traffic of pod ${this.pod.name}.${this.pod.namespace}: ${(error as Error).message}`);
    }
  }

  /** Runs a shell script in the pod; fails with its output. Meant for settings, not for the pod's programs. */
  public script(text: string): Promise<string> {
    return this.holder.run(text);
  }

  /** Every process in the pod, those that left their parents included. */
  public processes(): number[] {
    const own = networkOf(this.holder.pid);
    return allProcesses().filter((pid) => pid !== this.holder.pid && own !== undefined && networkOf(pid) === own);
  }

  /** Kills what still runs in the pod, and takes its interface and namespaces away. Give programs their time to end before. */
  public async remove(): Promise<void> {
    if (this.removed) return;
    this.removed = true;
    await this.killAll();
    // It goes with the namespace anyway, but later.
    await runTool(['ip', 'link', 'delete', this.place.link]);
    await this.holder.end();
    rmSync(this.place.folder, { recursive: true, force: true });
  }

  /**
   * Waits until nothing of the processes is left: closing their connections is the kernel's work, and while the link is there their peers
   * learn of it. Processes that cannot be killed do not stop the end.
   */
  private async killAll(): Promise<void> {
    const ending = new Set<number>();
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const running = this.processes();
      running.forEach((pid) => ending.add(pid));
      running.forEach(kill);
      ending.forEach((pid) => isOver(pid) && ending.delete(pid));
      if (ending.size === 0) return;
      await sleep(KILL_POLL_MS);
    }
  }
}

/** The script that makes a pod's own side of its link ready. */
export function podNetworkScript(pod: PodOptions, prefixLength: number, gateway: string): string {
  const set = (setting: string, value: number) => `[ ! -w /proc/sys/net/${setting} ] || echo ${value} > /proc/sys/net/${setting}`;
  return [
    set('ipv6/conf/eth0/disable_ipv6', 1),
    // A pod that is gone is noticed after three tries.
    set('ipv4/neigh/eth0/retrans_time_ms', 100),
    "ip -batch - <<'BATCH'",
    'link set lo up',
    `addr add ${pod.address}/${prefixLength} dev eth0`,
    'link set eth0 up',
    `route add default via ${gateway}`,
    'BATCH',
    // Where the command is missing the pod keeps the machine's name; HOSTNAME in the environment says the right one.
    `hostname ${quote(pod.name)} 2>/dev/null || true`,
  ].join('\n');
}
