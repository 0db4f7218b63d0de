import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import { BUNDLE, checkBundle } from '../engine/test-mesh';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command, from its start to its end. */
export function mesh(args: readonly string[], { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<Run> {
  return finished(startMeshCommand(args, env), input);
}

export function startMeshCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  checkBundle();
  return spawn(process.execPath, [BUNDLE, ...args], { cwd: join(__dirname, '../../..'), env: { ...process.env, NO_COLOR: '1', ...env }, stdio: 'pipe' });
}

function finished(child: ChildProcess, input: string): Promise<Run> {
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { stdout += chunk; });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { stderr += chunk; });
    child.stdin?.end(input);
    child.on('close', (code) => resolve({ code: code ?? 128, stdout, stderr }));
  });
}
