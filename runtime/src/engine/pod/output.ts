import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** A pipe with a name: Node's own pipes are sockets, and no program can open `/dev/stdout` when that is one, as Envoy's access log does. */
export interface OutputPipe {
  /** For the child's `stdio`. */
  readonly fd: number;
  readonly stream: Readable;
  /** To be called when the child has the descriptor, so that the stream ends with it. */
  release(): void;
}

export function openOutputPipe(path: string): OutputPipe {
  rmSync(path, { force: true });
  execFileSync('mkfifo', ['-m', '600', path]);
  // The reader first: a writer that nobody reads would wait.
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const fd = openSync(path, constants.O_WRONLY);
  const stream = new Socket({ fd: reader, readable: true, writable: false });
  return { fd, stream, release: () => closeSync(fd) };
}
