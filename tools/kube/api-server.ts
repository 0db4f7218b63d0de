import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LABORATORY = join(__dirname, '../../test/kube');

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** What the server says beside its answer, such as fields that it drops. */
  readonly warnings: readonly string[];
}

/** A real kube-apiserver with its etcd, for one process: test/kube builds it, which takes minutes the first time. */
export class ApiServer {
  private readonly agent: Agent;

  private constructor(private readonly folder: string, public readonly url: string, private readonly token: string) {
    this.agent = new Agent({ keepAlive: true, ca: readFileSync(join(folder, 'apiserver.crt')) });
  }

  public static async start(): Promise<ApiServer> {
    const folder = mkdtempSync(join(tmpdir(), 'kube-'));
    const bin = execFileSync(join(LABORATORY, 'build.sh'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
    const env = { ...process.env, KUBE_BIN: bin };
    execFileSync(join(LABORATORY, 'kube-up.sh'), [folder, String(await freePorts())], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const { clusters, users } = JSON.parse(readFileSync(join(folder, 'kubeconfig'), 'utf8')) as Kubeconfig;
    return new ApiServer(folder, clusters[0].cluster.server, users[0].user.token);
  }

  /** Of somebody who may do everything. */
  public get kubeconfig(): string {
    return join(this.folder, 'kubeconfig');
  }

  /** The key that service account tokens are signed with, PEM. */
  public get signingKey(): string {
    return readFileSync(join(this.folder, 'sa.key'), 'utf8');
  }

  /** What clients verify it by. */
  public get certificate(): string {
    return join(this.folder, 'apiserver.crt');
  }

  public get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  public post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(body));
  }

  public put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, JSON.stringify(body));
  }

  public delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Its state is not kept: what is killed at once needs no order of ending. */
  public stop(): void {
    this.agent.destroy();
    for (const pid of readFileSync(join(this.folder, 'pids'), 'utf8').split('\n').filter((line) => line)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  private send(method: string, path: string, body?: string): Promise<Answer> {
    const headers = { 'authorization': `Bearer ${this.token}`, 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.url}${path}`, { method, headers, agent: this.agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({
          status: response.statusCode ?? 0,
          body: parse(Buffer.concat(parts).toString()),
          warnings: [response.headers.warning ?? []].flat(),
        }));
      });
      outgoing.on('error', reject).end(body);
    });
  }
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { message: text };
  }
}

/** The laboratory takes three ports in a row. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2].map((offset) => isFree(first + offset)));
    if (free.every((one) => one)) {
      return first;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
