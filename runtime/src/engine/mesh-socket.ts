import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Engine } from './engine';
import type { MeshStatus } from './overview';
import { findPods } from './pod-name';
import type { LogLine } from './pod/log';
import type { RunningPod } from './pod/running-pod';
import { startInPod } from './run-in-pod';

/** The Unix socket, in the run directory, at which other `mesh` commands reach a running mesh. */
export const MESH_SOCKET = 'mesh';

/** The first line of a client; one connection does one thing. */
export type MeshRequest =
  | { readonly method: 'status' }
  | { readonly method: 'logs'; readonly of?: string; readonly container?: string; readonly follow: boolean }
  | { readonly method: 'exec'; readonly of: string; readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };

/** Lines of a client that runs a command: its input in base64, the end of it, a signal. */
export type MeshInput = { readonly stdin: string } | { readonly end: true } | { readonly signal: NodeJS.Signals };

/** Lines to the client. */
export type MeshOutput =
  | { readonly status: MeshStatus }
  | { readonly log: { readonly pod: string; readonly container: string } & LogLine }
  | { readonly stdout: string }
  | { readonly stderr: string }
  | { readonly exit: number }
  | { readonly error: string };

/** Serves `mesh status`, `mesh logs` and `mesh exec`: JSON lines both ways. */
export class MeshSocket {
  public static listen(runDirectory: string, engine: Engine, status: () => Promise<MeshStatus>): Promise<MeshSocket> {
    return new Promise((resolve, reject) => {
      const socket = new MeshSocket(engine, status);
      socket.server.once('error', reject);
      socket.server.listen(join(runDirectory, MESH_SOCKET), () => resolve(socket));
    });
  }

  private readonly server: Server;

  private constructor(private readonly engine: Engine, public readonly status: () => Promise<MeshStatus>) {
    this.server = createServer((connection) => this.serve(connection));
  }

  public close(): void {
    this.server.close();
  }

  private serve(connection: Socket): void {
    const lines = createInterface({ input: connection });
    const send = (output: MeshOutput) => {
      if (connection.writable) {
        connection.write(`${JSON.stringify(output)}\n`);
      }
    };
    connection.on('error', () => connection.destroy());
    lines.once('line', (line) => {
      this.answer(JSON.parse(line) as MeshRequest, { connection, lines, send }).catch((error: Error) => {
        send({ error: error.message });
        connection.end();
      });
    });
  }

  private async answer(request: MeshRequest, client: Client): Promise<void> {
    switch (request.method) {
      case 'status':
        client.send({ status: await this.status() });
        client.connection.end();
        break;
      case 'logs':
        this.logs(request, client);
        break;
      case 'exec':
        exec(this.pod(request.of), request, client);
        break;
      default:
        throw new Error('this mesh runs with another version of the command');
    }
  }

  private pod(name: string): RunningPod {
    return this.engine.running(findPods(this.engine.pods(), name, this.engine.snapshot())[0] as string);
  }

  private logs({ of, container, follow }: MeshRequest & { readonly method: 'logs' }, { connection, send }: Client): void {
    const logs = this.engine.logs(of, container);
    for (const { pod, container: name, log } of logs) {
      log.all().forEach((line) => send({ log: { pod, container: name, ...line } }));
    }
    if (!follow) {
      connection.end();
      return;
    }
    const stops = logs.map(({ pod, container: name, log }) => log.follow((line) => send({ log: { pod, container: name, ...line } })));
    connection.on('close', () => stops.forEach((stop) => stop()));
  }
}

interface Client {
  readonly connection: Socket;
  readonly lines: NodeJS.EventEmitter;
  readonly send: (output: MeshOutput) => void;
}

function exec(pod: RunningPod, { argv, env }: MeshRequest & { readonly method: 'exec' }, { connection, lines, send }: Client): void {
  const child = startInPod(pod, argv, env);
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid as number), name);
    } catch {
      // It has ended by itself.
    }
  };
  child.stdin?.on('error', () => undefined);
  child.stdout?.on('data', (chunk: Buffer) => send({ stdout: chunk.toString('base64') }));
  child.stderr?.on('data', (chunk: Buffer) => send({ stderr: chunk.toString('base64') }));
  child.on('error', (error) => send({ error: error.message }));
  child.on('close', (code) => {
    send({ exit: code ?? 128 });
    connection.end();
  });
  lines.on('line', (line: string) => {
    const input = JSON.parse(line) as MeshInput;
    if ('stdin' in input) {
      child.stdin?.write(Buffer.from(input.stdin, 'base64'));
    } else if ('end' in input) {
      child.stdin?.end();
    } else {
      signal(input.signal);
    }
  });
  // Who started it is gone.
  connection.on('close', () => signal('SIGKILL'));
}
