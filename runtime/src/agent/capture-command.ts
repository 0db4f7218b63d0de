import { spawnSync } from 'node:child_process';
import { readCaptureArguments } from './capture';
import { emitCaptureRules } from './capture-rules';

/** `mesh capture`, the init container `istio-init`: puts the rules in force in the pod's network. Answers the exit code. */
export function runCapture(argv: readonly string[]): number {
  const { options, messages } = readCaptureArguments(argv);
  for (const message of messages) process.stderr.write(`capture: ${message}\n`);
  // Half a capture would let traffic past the proxy unseen.
  if (messages.length > 0) return 2;
  const present = spawnSync('iptables-save', ['--table', 'nat'], { encoding: 'utf8' });
  if (present.error) return fail(`iptables-save cannot be run: ${present.error.message}`);
  // The container may run again in the same pod; rules of others stay.
  const jumps = !present.stdout.includes('-j ISTIO_OUTPUT');
  const rules = emitCaptureRules(options, { user: options.proxyUser }, { jumps });
  const restored = spawnSync('iptables-restore', ['--noflush'], { input: rules, encoding: 'utf8' });
  if (restored.error || restored.status !== 0) return fail(`iptables-restore failed: ${restored.error?.message ?? restored.stderr.trim()}`);
  process.stdout.write(rules);
  return 0;
}

function fail(message: string): number {
  process.stderr.write(`capture: ${message}\n`);
  return 1;
}
