import type { ChildProcess } from 'node:child_process';

import type { RunningPod } from './pod/running-pod';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment in which a command runs that users start in a pod: that of the pod's first container. */
export function startInPod(pod: RunningPod, argv: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const own = pod.plan.containers[0]?.env ?? {};
  return pod.sandbox.spawn(argv, { env: { ...pod.commonEnv, ...own, ...env }, cwd: pod.folder, stdio: 'pipe' });
}

/** Runs a command in a pod to its end. */
export function runInPod(pod: RunningPod, argv: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const child = startInPod(pod, argv);
    let stdout = '';
    let stderr = '';
    child.stdin?.end();
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { stdout += chunk; });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { stderr += chunk; });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: stderr + error.message }));
    child.on('close', (code) => resolve({ code: code ?? 128, stdout, stderr }));
  });
}
