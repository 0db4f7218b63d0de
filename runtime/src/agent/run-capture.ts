import { spawn } from 'node:child_process';
import { readCaptureArguments } from './capture';
import { emitCaptureRules } from './capture-rules';

/** `mesh capture`, the init container `istio-init`: puts the rules in force in the pod's network. Resolves with the exit code. */
export async function runCapture(argv: readonly string[]): Promise<number> {
  const { options, messages } = readCaptureArguments(argv);
  // Half a capture would let traffic past the proxy unseen.
  if (messages.length > 0) return fail(2, messages.join('\ncapture: '));
  const present = await run('iptables-save', ['--table', 'nat']);
  if (present.code !== 0) return fail(1, `iptables-save failed: ${present.stderr}`);
  // The container may run again in the same pod; rules of others stay.
  const jumps = !present.stdout.includes('-j ISTIO_OUTPUT');
  const rules = emitCaptureRules(options, { user: options.proxyUser }, { jumps });
  const restored = await run('iptables-restore', ['--noflush'], rules);
  if (restored.code !== 0) return fail(1, `iptables-restore failed: ${restored.stderr}`);
  process.stdout.write(rules);
  return 0;
}

function fail(code: number, message: string): number {
  process.stderr.write(`capture: ${message.trim()}\n`);
  return code;
}

function run(file: string, args: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
