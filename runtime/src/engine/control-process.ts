import { spawn, type ChildProcess } from 'node:child_process';

import type { ControlState } from '../control/control-plane';
import type { FromControl, ProxyStatus, ToControl } from '../control/messages';
import { Log } from './pod/log';
import { SupervisedProcess, type ProcessState } from './pod/process';

export interface ControlProcessOptions {
  /** The command line of `mesh`. */
  readonly mesh: readonly string[];
  /** Unix socket at which it serves xDS. */
  readonly socket: string;
  /** The option --outside of `mesh control`. */
  readonly outside: string;
  /** What a control plane that has just started is to be sent. */
  readonly whole: () => readonly ToControl[];
  readonly onState: (state: ControlState) => void;
  readonly onChange: () => void;
  readonly onLine?: (line: string) => void;
}

/** Names of the mesh mean nothing to the control plane of a local mesh: issuers that stand in it are asked by the proxies (docs/decisions/011). */
export const LOCAL_SWITCHES = { PILOT_JWT_ENABLE_REMOTE_JWKS: 'hybrid' };

const NOTHING: ControlState = { revision: -1, problems: [], proxies: [] };

/** The control plane, in a process of its own: it can end, or be ended, and the proxies go on with what they have. */
export class ControlProcess {
  public readonly log: Log;
  private readonly process: SupervisedProcess;
  private child: ChildProcess | undefined;
  private latest = NOTHING;
  private statusId = 0;
  private readonly waiting = new Map<number, (value: readonly ProxyStatus[]) => void>();

  public constructor(private readonly options: ControlProcessOptions) {
    this.log = new Log(({ text }) => options.onLine?.(`istiod  ${text}`));
    this.process = new SupervisedProcess({ start: () => this.spawn(), log: this.log, onChange: () => this.changed() });
  }

  public start(): void {
    this.process.start();
  }

  public get lifecycle(): ProcessState {
    return this.process.state;
  }

  public get restarts(): number {
    return this.process.restarts;
  }

  /** What it said last; nothing while it is down. */
  public get state(): ControlState {
    return this.latest;
  }

  public send(message: ToControl): void {
    // It may end at any moment; the next one is sent everything anyway.
    if (this.child?.connected) {
      this.child.send(message, () => undefined);
    }
  }

  /** What each proxy has acknowledged, by type; nothing while it is down. */
  public proxies(): Promise<readonly ProxyStatus[]> {
    if (this.lifecycle !== 'running') {
      return Promise.resolve([]);
    }
    const id = ++this.statusId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send({ type: 'status', id });
    });
  }

  public kill(): Promise<void> {
    return this.process.kill();
  }

  public restart(graceMs: number): Promise<void> {
    return this.process.restart(graceMs);
  }

  public stop(graceMs: number): Promise<void> {
    return this.process.stop(graceMs);
  }

  private spawn(): ChildProcess {
    const [file = '', ...args] = this.options.mesh;
    const listen = ['control', '--listen', `unix:${this.options.socket}`, '--status', '127.0.0.1:15014', '--outside', this.options.outside];
    const child = spawn(file, [...args, ...listen], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced', env: { ...LOCAL_SWITCHES, ...process.env, MESH_SOURCE: 'ipc' }, detached: true });
    child.on('message', (message) => this.receive(message as FromControl));
    this.child = child;
    this.options.whole().forEach((message) => this.send(message));
    return child;
  }

  private receive(message: FromControl): void {
    if (message.type === 'status') {
      this.waiting.get(message.id)?.(message.proxies);
      this.waiting.delete(message.id);
    } else {
      this.latest = message.state;
      this.options.onState(message.state);
    }
  }

  private changed(): void {
    if (this.process.state !== 'running') {
      this.child = undefined;
      this.latest = { ...NOTHING, problems: this.latest.problems };
      this.waiting.forEach((resolve) => resolve([]));
      this.waiting.clear();
    }
    this.options.onChange();
  }
}
