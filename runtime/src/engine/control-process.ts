import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import type { ControlState } from '../control/control-plane';
import type { FromControl, ProxyStatus, ToControl } from '../control/messages';
import type { Identity } from '../model/identity';
import { Log } from './pod/log';
import { SupervisedProcess, type ProcessState } from './pod/process';

/** Where a control plane's authority is found. */
export interface SecuredPlaces {
  readonly socket: string;
  readonly folder: string;
  /** An authority of the operator. @default the Secret `cacerts` in istio-system, or a root of its own */
  readonly cacerts?: string;
}

export interface ControlProcessOptions {
  /** The command line of `mesh`. */
  readonly mesh: readonly string[];
  /** Unix socket at which it serves xDS. */
  readonly socket: string;
  /** The option --outside of `mesh control`. */
  readonly outside: string;
  /** Unix socket at which it serves certificates, and where its authority keeps its key and the roots. */
  readonly secured: SecuredPlaces;
  /** Where it tells how it is. @default '127.0.0.1:15014' */
  readonly status?: string;
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
  private lastId = 0;
  private readonly joining = new Map<number, (joined: boolean) => void>();
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
    const id = ++this.lastId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send({ type: 'status', id });
    });
  }

  /** A token by which a workload of that identity gets its first certificate. It counts once, and for some minutes. */
  public async join(identity: Identity): Promise<string> {
    if (this.lifecycle !== 'running') {
      throw new Error('the control plane is down');
    }
    const [id, token] = [++this.lastId, randomBytes(32).toString('base64url')];
    const joined = new Promise<boolean>((resolve) => this.joining.set(id, resolve));
    this.send({ type: 'join', id, token, identity });
    if (!await joined) {
      throw new Error('the control plane went down');
    }
    return token;
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
    const { socket, secured, outside, status = '127.0.0.1:15014' } = this.options;
    const listen = [
      'control', '--listen', `unix:${socket}`, '--status', status, '--outside', outside, '--secure', `unix:${secured.socket}`, '--ca', secured.folder,
      ...(secured.cacerts === undefined ? [] : ['--cacerts', secured.cacerts]),
    ];
    const env = { ...LOCAL_SWITCHES, ...process.env, MESH_SOURCE: 'ipc' };
    const child = spawn(file, [...args, ...listen], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], serialization: 'advanced', env, detached: true });
    child.on('message', (message) => this.receive(message as FromControl));
    this.child = child;
    this.options.whole().forEach((message) => this.send(message));
    return child;
  }

  private receive(message: FromControl): void {
    if (message.type === 'status') {
      this.waiting.get(message.id)?.(message.proxies);
      this.waiting.delete(message.id);
    } else if (message.type === 'joined') {
      this.joining.get(message.id)?.(true);
      this.joining.delete(message.id);
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
      this.joining.forEach((resolve) => resolve(false));
      this.joining.clear();
    }
    this.options.onChange();
  }
}
