import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Answer, Call, Load } from './check/engine-port';
import type { Delivery, Order } from './client/program';
import type { Target } from './client/target';

interface Waiting {
  resolve(answers: Answer[]): void;
  reject(error: Error): void;
}

/** A `mesh client` process in some network: started with the first call, used for all. */
export class RequestClient {
  private child: ChildProcess | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  /** `spawn` starts `mesh client` with pipes for standard input and output. */
  public constructor(private readonly spawn: () => ChildProcess) {}

  public send(call: Call, load: Load, targets?: readonly Target[]): Promise<Answer[]> {
    const id = ++this.lastId;
    const child = this.child ?? this.start();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      child.stdin?.write(`${JSON.stringify({ id, call, load, ...(targets ? { targets } : {}) } satisfies Order)}\n`);
    });
  }

  public close(): void {
    this.child?.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const child = this.spawn();
    this.child = child;
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => this.ended(error.message));
    child.on('exit', (code, signal) => this.ended(`ended with ${signal ?? code}`));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => this.receive(JSON.parse(line) as Delivery));
    }
    return child;
  }

  private receive({ id, answers }: Delivery): void {
    this.waiting.get(id)?.resolve([...answers]);
    this.waiting.delete(id);
  }

  private ended(how: string): void {
    this.child = undefined;
    const failed = [...this.waiting.values()];
    this.waiting.clear();
    failed.forEach(({ reject }) => reject(new Error(`the client that sends the requests ${how}: its pod is gone, or it cannot run here`)));
  }
}
