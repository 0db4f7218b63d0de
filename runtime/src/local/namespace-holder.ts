import { spawn, type ChildProcess } from 'node:child_process';
import { toolEnvironment } from './tool';

interface Pending { resolve(output: string): void; reject(error: Error): void }

/**
 * A shell in fresh network, mount and UTS namespaces. It keeps them alive, and runs what is to be done in them. It ends with its
 * standard input, so with the process that made it.
 */
export class NamespaceHolder {
  private readonly pending: Pending[] = [];
  private readonly shell: ChildProcess;
  private output = '';
  private ended = false;

  public constructor() {
    this.shell = spawn('unshare', ['--net', '--mount', '--uts', '--', 'sh', '-s'], { stdio: 'pipe', cwd: '/', env: toolEnvironment() });
    this.shell.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.receive(chunk));
    this.shell.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.output += chunk));
    this.shell.stdin?.on('error', () => undefined);
    this.shell.on('error', (error) => this.fail(error.message));
    this.shell.on('exit', () => this.fail(this.output.trim() || 'the namespace has ended'));
  }

  /** The process whose namespaces these are; they exist once a first script has run. */
  public get pid(): number {
    return this.shell.pid ?? 0;
  }

  /** Runs a shell script in the namespaces; fails with its output when a command of it fails. */
  public run(script: string): Promise<string> {
    if (this.ended) return Promise.reject(new Error('the namespace has ended'));
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
      this.shell.stdin?.write(`( set -e\n${script}\n) </dev/null 2>&1\nprintf '\\n@end %s\\n' $?\n`);
    });
  }

  /** The command that runs another one in these namespaces and in the folder `cwd`. */
  public enter(argv: readonly string[], cwd: string): string[] {
    const inFolder = ['sh', '-c', 'cd "$0" && exec "$@"', cwd, ...argv];
    return ['nsenter', '--target', String(this.pid), '--net', '--mount', '--uts', '--', ...inFolder];
  }

  public async end(): Promise<void> {
    if (this.ended) return;
    const exited = new Promise<void>((resolve) => this.shell.once('exit', () => resolve()));
    this.shell.kill('SIGKILL');
    await exited;
  }

  private receive(chunk: string): void {
    this.output += chunk;
    for (;;) {
      const end = /\n@end (\d+)\n/.exec(this.output);
      if (!end) return;
      const text = this.output.slice(0, end.index);
      this.output = this.output.slice(end.index + end[0].length);
      const script = this.pending.shift();
      if (end[1] === '0') script?.resolve(text);
      else script?.reject(new Error(text.trim() || `failed with code ${end[1]}`));
    }
  }

  private fail(message: string): void {
    this.ended = true;
    for (const script of this.pending.splice(0)) script.reject(new Error(message));
  }
}
