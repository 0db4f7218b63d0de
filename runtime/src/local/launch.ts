import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Channel } from './channel';
import { unshareCommand, type NamespaceKind } from './namespaces';
import { RunDirectory } from './run-directory';
import { toolEnvironment } from './tool';

const RUN_DIRECTORY = 'MESH_RUN_DIRECTORY';

/**
 * Process 1 of the PID namespace. It starts the command, reaps orphans, and watches file descriptor 4, whose other end only the host
 * process holds: when that one dies, even by SIGKILL, the command has three seconds to end by itself. Whatever ends first, all
 * processes are killed and the run directory is removed.
 */
const INIT = `
run=$1; shift
"$@" 4<&- &
command=$!
{ cat <&4 >/dev/null; sleep 3; kill -9 $command; } 3<&- &
exec 3<&- 4<&- 2>/dev/null
wait $command
code=$?
kill -9 -1
rm -rf "$run"
exit $code
`;

export interface LaunchOptions {
  /** What runs inside: a Node program and its arguments, for the channel is Node's. */
  readonly command: readonly string[];
  /** From `checkHost`. */
  readonly kind: NamespaceKind;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the inside's stdout and stderr go. @default both to this process's stderr */
  readonly output?: [stdout: 'inherit' | 'pipe' | 'ignore' | number, stderr: 'inherit' | 'pipe' | 'ignore' | number];
}

/** Runs a command in fresh user, mount, PID, UTS, IPC and network namespaces, from which nothing escapes and nothing remains. */
export async function launch(options: LaunchOptions): Promise<Inside> {
  const directory = await RunDirectory.create(options.env);
  const [file = '', ...args] = [...unshareCommand(options.kind), 'sh', '-c', INIT, 'mesh', directory.path, ...options.command];
  const [stdout, stderr] = options.output ?? [2, 'inherit'];
  const stdio: StdioOptions = ['ignore', stdout, stderr, 'ipc', 'pipe'];
  // A session of its own: Ctrl-C reaches the host process only, which then ends the inside in order.
  const child = spawn(file, args, { stdio, detached: true, env: { ...toolEnvironment(options.env), [RUN_DIRECTORY]: directory.path } });
  try {
    await once(child, 'spawn');
  } catch (error) {
    directory.remove();
    throw error;
  }
  return new Inside(child, directory);
}

/** The host's view of the namespaces and the command in them. */
export class Inside {
  public readonly channel: Channel;
  /** Resolves with the command's exit code when everything inside has ended. */
  public readonly exited: Promise<number>;

  /** Made by `launch`. */
  public constructor(private readonly child: ChildProcess, private readonly directory: RunDirectory) {
    this.channel = new Channel(child);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        directory.remove();
        resolve(code ?? 1);
      });
    });
  }

  /** Sockets and files that both sides see; it goes with the inside. */
  public get runDirectory(): string {
    return this.directory.path;
  }

  public get pid(): number {
    return this.child.pid as number;
  }

  public get stdout(): ChildProcess['stdout'] {
    return this.child.stdout;
  }

  public get stderr(): ChildProcess['stderr'] {
    return this.child.stderr;
  }

  /**
   * Ends the inside: the channel closes, which its command takes as the order to end; after `graceMs` it is killed.
   */
  public async close(graceMs = 5_000): Promise<void> {
    (this.child.stdio[4] as Writable).destroy();
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }
}

export interface InsideContext {
  readonly channel: Channel;
  readonly runDirectory: string;
}

/** What a command that `launch` started has; undefined when the process was started otherwise. */
export function insideContext(): InsideContext | undefined {
  const runDirectory = process.env[RUN_DIRECTORY];
  return runDirectory && process.send ? { channel: new Channel(process), runDirectory } : undefined;
}
