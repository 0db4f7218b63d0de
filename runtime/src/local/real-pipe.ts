import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Starts a program whose piped output streams are real pipes. Node's own are sockets, which nobody can open anew as `/dev/stdout`, and
 * Envoy's access logs do just that.
 *
 * @param folder where the pipes have names for a moment
 */
export function spawnWithPipes(argv: readonly string[], options: SpawnOptions, folder: string): ChildProcess {
  const [file = '', ...args] = argv;
  const stdio = typeof options.stdio === 'object' ? [...options.stdio] : Array.from({ length: 3 }, () => options.stdio as 'pipe' | 'ignore' | 'inherit' | undefined ?? 'pipe');
  const wanted = [1, 2].filter((stream) => (stdio[stream] ?? 'pipe') === 'pipe');
  const pipes = makePipes(wanted.length, folder);
  wanted.forEach((stream, index) => (stdio[stream] = pipes[index]?.writing));
  try {
    const child = spawn(file, args, { ...options, stdio });
    wanted.forEach((stream, index) => attach(child, stream, new Socket({ fd: pipes[index]?.reading, readable: true, writable: false })));
    return child;
  } finally {
    for (const { writing } of pipes) closeSync(writing);
  }
}

interface Pipe { readonly reading: number; readonly writing: number }

function makePipes(count: number, folder: string): Pipe[] {
  if (count === 0) return [];
  const paths = Array.from({ length: count }, () => join(folder, `pipe-${randomBytes(6).toString('hex')}`));
  execFileSync('mkfifo', ['-m', '600', ...paths]);
  return paths.map((path) => {
    // A pipe has a reader before it has a writer, or opening it would wait.
    const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = openSync(path, constants.O_WRONLY);
    rmSync(path);
    return { reading, writing };
  });
}

function attach(child: ChildProcess, stream: number, reading: Socket): void {
  // A program that did not start leaves an empty stream, not an error of its own.
  reading.on('error', () => reading.destroy());
  Object.assign(child, { [stream === 1 ? 'stdout' : 'stderr']: reading });
  child.stdio[stream as 1 | 2] = reading;
}
