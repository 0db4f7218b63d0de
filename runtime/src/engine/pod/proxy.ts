import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { connectThrough } from '../../agent/probe-tunnel';
import { adminText } from '../../local/admin';
import type { PodSandbox } from '../../local/pod-sandbox';
import type { Log } from './log';
import { SupervisedProcess, type ProcessState } from './process';

export interface PodProxyOptions {
  readonly type: 'sidecar' | 'router';
  readonly sandbox: PodSandbox;
  readonly envoy: string;
  /** A folder of its own, with a short path: its admin socket is in it. */
  readonly folder: string;
  /** The bootstrap, given the paths of the sockets for the admin interface and for probes. */
  readonly bootstrap: (sockets: { readonly adminSocket: string; readonly probeSocket: string }) => object;
  /** Worker threads; 0: as many as the machine has. */
  readonly concurrency: number;
  readonly logLevel: string;
  readonly componentLogLevel: string;
  readonly log: Log;
  readonly onChange: () => void;
}

/** How long Envoy may keep lines of its access log before it writes them. */
export const LOG_FLUSH_MS = 50;
/** In an answer of its admin interface, or the error that it became. */
const STAGE = /(?:^|503 )([A-Z_]+)/;
const DRAIN_POLL_MS = 50;
/** Requests that were sent before their sender learned that the endpoint is gone may still be on their way. */
const IN_FLIGHT_MS = 200;

/** The Envoy of a pod. */
export class PodProxy {
  private readonly process: SupervisedProcess;
  public readonly adminSocket: string;
  public readonly probeSocket: string;
  /** What it said of itself last, such as `PRE_INITIALIZING` or `LIVE`, or why it says nothing. */
  public stage = 'not started';

  public constructor(private readonly options: PodProxyOptions) {
    mkdirSync(options.folder, { recursive: true });
    this.adminSocket = join(options.folder, 'admin');
    this.probeSocket = join(options.folder, 'probe');
    const file = join(options.folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(options.bootstrap(this)));
    const argv = [
      options.envoy, '--config-path', file, ...(options.concurrency > 0 ? ['--concurrency', String(options.concurrency)] : []), '--disable-hot-restart',
      '--log-level', options.logLevel, '--component-log-level', options.componentLogLevel, '--drain-time-s', '45', '--drain-strategy', 'immediate', '--local-address-ip-version', 'v4',
      '--file-flush-interval-msec', String(LOG_FLUSH_MS),
    ];
    this.process = new SupervisedProcess({ start: () => options.sandbox.spawn(argv, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] }), log: options.log, onChange: options.onChange });
  }

  public get state(): ProcessState {
    return this.process.state;
  }

  public get restarts(): number {
    return this.process.restarts;
  }

  public start(): void {
    this.process.start();
  }

  /** Whether it has taken its first configuration and listens. */
  public async isReady(): Promise<boolean> {
    const answer = this.state === 'running' ? await this.admin('/ready').catch((error: Error) => error.message) : '';
    this.stage = STAGE.exec(answer)?.[1] ?? (this.state === 'running' ? 'silent' : this.state);
    return this.stage === 'LIVE';
  }

  /** Whether all clusters and listeners that it has taken are in force; one that does not answer has none that are not. */
  public async isWarm(): Promise<boolean> {
    const stats = await this.stats('total_listeners_warming|warming_clusters').catch(() => new Map<string, number>());
    return [...stats.values()].every((value) => value === 0);
  }

  /** A connection to a port of the application, past mutual TLS. */
  public connect(port: number): Promise<Duplex> {
    return connectThrough(this.probeSocket, this.options.sandbox.address, port);
  }

  public admin(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    return adminText(this.adminSocket, path, method);
  }

  /** Counters and gauges by their full names. */
  public async stats(filter?: string): Promise<Map<string, number>> {
    const text = await this.admin(`/stats${filter === undefined ? '' : `?filter=${encodeURIComponent(filter)}`}`);
    const stats = new Map<string, number>();
    for (const line of text.split('\n')) {
      const colon = line.lastIndexOf(': ');
      const value = line.slice(colon + 2);
      if (colon > 0 && /^\d+$/.test(value)) {
        stats.set(line.slice(0, colon), Number(value));
      }
    }
    return stats;
  }

  /** Ends when no request to the pod is under way any more, or after the grace period. */
  public async drain(graceMs: number): Promise<void> {
    const deadline = Date.now() + graceMs;
    await this.admin('/drain_listeners?inboundonly&graceful&skip_exit', 'POST').catch(() => undefined);
    await sleep(Math.min(IN_FLIGHT_MS, graceMs));
    while (this.state === 'running' && Date.now() < deadline && await this.activeRequests() > 0) {
      await sleep(DRAIN_POLL_MS);
    }
  }

  public stop(graceMs: number): Promise<void> {
    return this.process.stop(graceMs);
  }

  public kill(): Promise<void> {
    return this.process.kill();
  }

  public restart(graceMs: number): Promise<void> {
    return this.process.restart(graceMs);
  }

  /** Requests, and TCP connections, that this proxy has handed on to where a pod of its kind leads: its application, or the mesh. */
  private async activeRequests(): Promise<number> {
    const direction = this.options.type === 'router' ? 'outbound' : 'inbound';
    const stats = await this.stats(`^cluster\\.${direction}.*\\.upstream_rq_active$`).catch(() => new Map<string, number>());
    return [...stats.values()].reduce((sum, value) => sum + value, 0);
  }
}
