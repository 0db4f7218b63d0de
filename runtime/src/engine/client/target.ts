import type { TlsSession } from '../check/engine-port';

/** Where to connect instead of where the URL points: what `curl --connect-to` does. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

/** One connection's place in a run: senders keep a connection each, and close it at the end. */
export interface Sender<C> {
  send(call: C): Promise<Reply>;
  close(): void;
}

export interface Reply {
  readonly status?: number;
  readonly grpc?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly tls?: TlsSession;
}

/** An answer longer than this is cut: checks compare pages, not downloads. */
const LONGEST_BODY = 4 * 1024 * 1024;

/** Collects a body, at most {@link LONGEST_BODY} bytes of it. */
export class Body {
  private readonly chunks: Buffer[] = [];
  private size = 0;

  public add(chunk: Buffer): void {
    if (this.size < LONGEST_BODY) {
      this.chunks.push(chunk.subarray(0, LONGEST_BODY - this.size));
      this.size += chunk.length;
    }
  }

  public bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  public text(): string {
    return this.bytes().toString('utf8');
  }
}

/** Node's way of saying that a time is over. */
export function timedOut(ms: number): Error {
  return Object.assign(new Error(`no complete answer within ${ms} ms`), { code: 'ETIMEDOUT' });
}

/** Header names in lower case, several values joined; HTTP/2's pseudo headers left out. */
export function flatHeaders(headers: Readonly<Record<string, string | string[] | number | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':')) {
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
    }
  }
  return flat;
}
