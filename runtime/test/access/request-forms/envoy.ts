import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findEnvoy } from '../../../src/local/envoy-binary';

const START_MS = 20_000;

/** An Envoy that runs from a static configuration, alone on the loopback. */
export class StaticEnvoy {
  public static async start(bootstrap: object, port: number): Promise<StaticEnvoy> {
    const folder = mkdtempSync(join(tmpdir(), 'forms-'));
    const config = join(folder, 'bootstrap.json');
    const log = join(folder, 'log');
    writeFileSync(config, JSON.stringify(bootstrap));
    const { path } = await findEnvoy();
    const process = spawn(path, ['-c', config, '--disable-hot-restart', '--concurrency', '1', '-l', 'error', '--log-path', log], { stdio: 'ignore' });
    const envoy = new StaticEnvoy(process, folder);
    try {
      await envoy.listens(port);
      return envoy;
    } catch (error) {
      await envoy.stop();
      throw error;
    }
  }

  private constructor(private readonly process: ChildProcess, private readonly folder: string) {}

  public async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.kill('SIGKILL')) {
      await once(this.process, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async listens(port: number): Promise<void> {
    for (const end = Date.now() + START_MS; Date.now() < end; await sleep(30)) {
      if (this.process.exitCode !== null) {
        throw new Error(`Envoy does not start: ${readFileSync(join(this.folder, 'log'), 'utf8')}`);
      }
      if (await answers(port)) {
        return;
      }
    }
    throw new Error(`nobody listens on ${port}`);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

/** Ports that nobody has. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
