import { readdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { runFolder } from '../local/run-directory';
import { MESH_SOCKET, type MeshInput, type MeshOutput, type MeshRequest } from './mesh-socket';
import type { MeshStatus } from './overview';

/** A mesh that runs on this machine. */
export interface RunningMesh {
  readonly socket: string;
  readonly status: MeshStatus;
}

/** All meshes of this user, the newest first. */
export async function runningMeshes(): Promise<RunningMesh[]> {
  const sockets = socketsIn(runFolder());
  const found = await Promise.all(sockets.map(async (socket) => ({ socket, status: await statusOf(socket) })));
  return found.filter((mesh): mesh is RunningMesh => mesh.status !== undefined)
    .sort((a, b) => (a.status.startedAt < b.status.startedAt ? 1 : -1));
}

/** A conversation with a running mesh: one request, then lines both ways. */
export class MeshConnection {
  private readonly socket: Socket;

  public constructor(path: string, request: MeshRequest, onOutput: (output: MeshOutput) => void) {
    this.socket = connect(path);
    this.socket.write(`${JSON.stringify(request)}\n`);
    createInterface({ input: this.socket }).on('line', (line) => onOutput(JSON.parse(line) as MeshOutput)).on('error', () => undefined);
  }

  public send(input: MeshInput): void {
    if (this.socket.writable) {
      this.socket.write(`${JSON.stringify(input)}\n`);
    }
  }

  /** Resolves when the mesh has said everything; fails where there is none. */
  public ended(): Promise<void> {
    return new Promise((resolve, reject) => this.socket.on('error', reject).on('close', () => resolve()));
  }

  public close(): void {
    this.socket.destroy();
  }
}

async function statusOf(path: string): Promise<MeshStatus | undefined> {
  let status: MeshStatus | undefined;
  const connection = new MeshConnection(path, { method: 'status' }, (output) => {
    status = 'status' in output ? output.status : undefined;
  });
  await connection.ended().catch(() => undefined);
  return status;
}

function socketsIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name, MESH_SOCKET)).filter((path) => statSync(path, { throwIfNoEntry: false })?.isSocket());
  } catch {
    return [];
  }
}
