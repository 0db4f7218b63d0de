import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { adminText } from './admin';
import { emitOutside, type OutsideState } from './outside-config';
import { OutsideFiles } from './outside-files';

const PATIENCE_MS = 20_000;
const POLL_MS = 5;
const RESTART_MS = 100;

export interface OutsideOptions {
  /** The Envoy binary. */
  readonly envoy: string;
  /** A folder for its files and sockets; its path must be short. */
  readonly folder: string;
}

/**
 * The Envoy that stands outside of the pods. It takes every TCP connection that a pod makes to anything but a pod: to a ClusterIP (it
 * balances, in place of kube-proxy), to a stand-in, and everything else, which it hands to the host process by HTTP CONNECT.
 */
export class Outside {
  private readonly files: OutsideFiles;
  private process: ChildProcess | undefined;
  private said = '';
  private exit: string | undefined;
  private started = false;

  public constructor(private readonly options: OutsideOptions) {
    this.files = new OutsideFiles(options.folder);
  }

  /** Starts it, and resolves when it works to this state. */
  public async start(state: OutsideState): Promise<void> {
    this.files.writeBootstrap({
      node: { id: 'outside', cluster: 'outside' },
      admin: { address: { pipe: { path: this.adminSocket, mode: 0o600 } } },
      dynamic_resources: { cds_config: this.files.source('cds.json'), lds_config: this.files.source('lds.json') },
    });
    const versions = this.write(state);
    this.run();
    await this.applied(versions);
    this.started = true;
  }

  /** Changes it while it runs; resolves when the change is in force. */
  public async update(state: OutsideState): Promise<void> {
    await this.applied(this.write(state));
  }

  public async close(): Promise<void> {
    this.started = false;
    if (!this.process || this.exit) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  private run(): void {
    this.exit = undefined;
    const args = ['--config-path', this.files.bootstrapFile, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warn'];
    this.process = spawn(this.options.envoy, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.process.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.said = (this.said + chunk).slice(-4_000)));
    this.process.on('error', (error) => (this.exit = error.message));
    this.process.on('exit', (code, signal) => {
      this.exit ??= `ended with ${signal ?? code}`;
      // All pods depend on it: whatever ended it, it comes back with the configuration of its files.
      setTimeout(() => this.started && this.run(), RESTART_MS).unref();
    });
  }

  private get adminSocket(): string {
    return join(this.options.folder, 'admin');
  }

  private write(state: OutsideState): ReturnType<OutsideFiles['write']> {
    return this.files.write(emitOutside(state));
  }

  private async applied({ clusterVersion, listenerVersion }: ReturnType<OutsideFiles['write']>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const state = await this.versions();
      if (state.includes(`cds.version_text: "${clusterVersion}"`) && state.includes(`lds.version_text: "${listenerVersion}"`) && state.includes('workers_started: 1')) return;
      if ((this.exit && !this.started) || Date.now() > deadline) {
        throw new Error(`the outside Envoy ${this.exit ?? 'does not take its configuration'}: ${this.said.trim().split('\n').slice(-5).join('\n')}`);
      }
      await sleep(POLL_MS);
    }
  }

  private versions(): Promise<string> {
    const names = encodeURIComponent('version_text$|workers_started$');
    return adminText(this.adminSocket, `/stats?filter=${names}`).catch(() => '');
  }
}
