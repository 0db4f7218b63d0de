import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';

/** A Unix socket's path has at most 107 bytes; the files that we put below a run directory take up to this many. */
const LONGEST_NAME = 48;
const LONGEST_PATH = 107;
const ALIVE = 'alive';
/** A run that has just made its directory may not answer yet. */
const GRACE_MS = 60_000;

/** The folder of one run: sockets, proxy configuration, the pods' files. It goes when the run ends, however it ends. */
export class RunDirectory {
  private constructor(public readonly path: string, private readonly alive: Server) {}

  /** Makes the folder, and removes those of dead runs. */
  public static async create(env: NodeJS.ProcessEnv = process.env): Promise<RunDirectory> {
    const folder = runFolder(env);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await removeDeadRuns(folder);
    const path = mkdtempSync(join(folder, 'r'));
    return new RunDirectory(path, await listen(join(path, ALIVE)));
  }

  public remove(): void {
    this.alive.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Where the folders of all runs are. */
export function runFolder(env: NodeJS.ProcessEnv = process.env): string {
  const folder = join(cacheFolder(env), 'run');
  if (Buffer.byteLength(folder) + LONGEST_NAME <= LONGEST_PATH) return folder;
  return join(tmpdir(), `cdk8s-istio-${process.getuid?.() ?? 0}`);
}

/** Whether a run lives is asked of its socket: that holds across PID namespaces, where process ids say nothing. */
async function removeDeadRuns(folder: string): Promise<void> {
  await Promise.all(readdirSync(folder).map(async (name) => {
    const path = join(folder, name);
    if (await answers(join(path, ALIVE)) || isYoung(path)) return;
    rmSync(path, { recursive: true, force: true });
  }));
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket);
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', () => resolve(false));
  });
}

/** Young and without a socket: it is being made at this moment. */
function isYoung(path: string): boolean {
  try {
    return Date.now() - statSync(path).birthtimeMs < GRACE_MS && !readdirSync(path).includes(ALIVE);
  } catch {
    return true;
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.on('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}
