import type { ChildProcess } from 'node:child_process';

import type { Log } from './log';

export type ProcessState = 'waiting' | 'running' | 'crashed' | 'killed' | 'completed' | 'stopped';

export interface ProcessOptions {
  /** Starts it as the leader of a process group (`detached`), so that all it starts gets its signals. */
  readonly start: () => ChildProcess;
  readonly log: Log;
  /** Whether an end with code 0 is the end (a Job), not a crash. */
  readonly mayComplete?: boolean;
  readonly onChange?: () => void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 30_000;
/** A process that has run this long has recovered: the next crash starts it again at once. */
const STABLE_MS = 10_000;

/** A process of a pod, started again with growing delays when it ends by itself. */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private delay = FIRST_DELAY_MS;
  private startedAt = 0;
  private current: ProcessState = 'waiting';
  private exits = 0;
  private ending: 'killed' | 'stopped' | undefined;

  public constructor(private readonly options: ProcessOptions) {}

  public get state(): ProcessState {
    return this.current;
  }

  public get restarts(): number {
    return this.exits;
  }

  public get pid(): number | undefined {
    return this.child?.pid;
  }

  public start(): void {
    if (this.child) {
      return;
    }
    clearTimeout(this.timer);
    this.ending = undefined;
    this.startedAt = Date.now();
    const child = this.options.start();
    this.child = child;
    if (child.stdout) {
      this.options.log.read('stdout', child.stdout);
    }
    if (child.stderr) {
      this.options.log.read('stderr', child.stderr);
    }
    // Without this, a command that does not exist would end the engine.
    child.on('error', (error) => {
      this.options.log.add({ stream: 'stderr', text: `cannot start: ${error.message}` });
      if (child.pid === undefined) {
        this.ended(127);
      }
    });
    child.on('exit', (code, signal) => this.ended(code ?? (signal ? 128 : 1)));
    this.become('running');
  }

  /** SIGTERM, and SIGKILL after the grace period. Nothing starts it again until `start`. */
  public async stop(graceMs: number): Promise<void> {
    await this.end('stopped', 'SIGTERM', graceMs);
  }

  /** SIGKILL. Nothing starts it again until `start`. */
  public async kill(): Promise<void> {
    await this.end('killed', 'SIGKILL', 0);
  }

  public async restart(graceMs: number): Promise<void> {
    await this.stop(graceMs);
    this.delay = FIRST_DELAY_MS;
    this.start();
  }

  private async end(state: 'killed' | 'stopped', signal: NodeJS.Signals, graceMs: number): Promise<void> {
    clearTimeout(this.timer);
    this.ending = state;
    const { child } = this;
    if (!child) {
      this.become(state);
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      signalGroup(child, signal);
    });
  }

  private ended(code: number): void {
    this.child = undefined;
    if (this.ending) {
      this.become(this.ending);
    } else if (code === 0 && this.options.mayComplete) {
      this.become('completed');
    } else {
      this.startAgain(code);
    }
  }

  private startAgain(code: number): void {
    this.exits += 1;
    if (Date.now() - this.startedAt >= STABLE_MS) {
      this.delay = FIRST_DELAY_MS;
    }
    this.options.log.add({ stream: 'stderr', text: `ended with code ${code}, starts again in ${this.delay} ms` });
    this.timer = setTimeout(() => this.start(), this.delay);
    this.delay = Math.min(this.delay * 2, LONGEST_DELAY_MS);
    this.become('crashed');
  }

  private become(state: ProcessState): void {
    this.current = state;
    this.options.onChange?.();
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // It has ended by itself.
  }
}
