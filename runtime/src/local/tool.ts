import { spawn, type SpawnOptions } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian leaves these out of an ordinary user's PATH, and `ip` and `iptables` live there. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * An environment in which the system's network tools are found. The namespaces are ours alone, so iptables need not take the machine's
 * lock, which only root may.
 */
export function toolEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return { ...env, XTABLES_LOCKFILE: '/dev/null', PATH: [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(delimiter) };
}

export function hasTool(name: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return (toolEnvironment(env).PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a program to its end, whatever its exit code. Code 127: it could not be started. */
export function runTool(argv: readonly string[], input = '', options: SpawnOptions = {}): Promise<ToolResult> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, env: toolEnvironment(options.env), stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), stdout, stderr }));
    // A program that ends before it has read its input is judged by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** Runs a program that must succeed. */
export async function mustRun(argv: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await runTool(argv, input);
  if (code !== 0) throw new Error(`${argv.join(' ')} failed with code ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}
