import type { ChildProcess } from 'node:child_process';

/** What both ends of a Node IPC channel have: `process` on the inside, the ChildProcess on the host. */
type End = Pick<ChildProcess, 'send' | 'on' | 'connected'> | NodeJS.Process;
type Handler = (argument: never) => unknown;

interface Call { readonly id: number; readonly method: string; readonly argument: unknown }
interface Answer { readonly answer: number; readonly value?: unknown; readonly error?: string }

/**
 * Calls and notices between the host process and the process inside the namespaces. Either side handles methods that the other calls;
 * arguments and results are JSON.
 */
export class Channel {
  private readonly handlers = new Map<string, Handler>();
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private lastId = 0;

  public constructor(private readonly end: End) {
    (end as NodeJS.EventEmitter).on('message', (message: Call | Answer) => void this.receive(message));
    (end as NodeJS.EventEmitter).on('disconnect', () => this.failAll());
  }

  public handle<Argument, Result>(method: string, handler: (argument: Argument) => Result | Promise<Result>): void {
    this.handlers.set(method, handler as Handler);
  }

  /** Calls a method of the other side; fails with its error, or when the other side is gone. */
  public call<Result>(method: string, argument?: unknown): Promise<Result> {
    const id = ++this.lastId;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (!this.send({ id, method, argument })) this.settle({ answer: id, error: `${method}: the other side is gone` });
    });
  }

  /** Tells the other side something; nobody waits, and nothing fails. */
  public notify(method: string, argument?: unknown): void {
    this.send({ id: 0, method, argument });
  }

  public onClose(listener: () => void): void {
    (this.end as NodeJS.EventEmitter).once('disconnect', listener);
  }

  private send(message: Call | Answer): boolean {
    if (!this.end.connected || !this.end.send) return false;
    // The channel may close between the check and the write; onClose and failAll tell about that.
    (this.end.send as (message: unknown, callback: (error: Error | null) => void) => void).call(this.end, message, () => undefined);
    return true;
  }

  private async receive(message: Call | Answer): Promise<void> {
    if ('answer' in message) {
      this.settle(message);
      return;
    }
    const answer = await this.run(message);
    if (message.id > 0) this.send(answer);
  }

  private async run({ id, method, argument }: Call): Promise<Answer> {
    const handler = this.handlers.get(method);
    if (!handler) return { answer: id, error: `${method}: no such method` };
    try {
      return { answer: id, value: await handler(argument as never) };
    } catch (error) {
      return { answer: id, error: error instanceof Error ? error.message : String(error) };
    }
  }

  private settle({ answer, value, error }: Answer): void {
    const waiter = this.waiting.get(answer);
    this.waiting.delete(answer);
    if (error === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(error));
  }

  private failAll(): void {
    for (const id of [...this.waiting.keys()]) this.settle({ answer: id, error: 'the other side is gone' });
  }
}
