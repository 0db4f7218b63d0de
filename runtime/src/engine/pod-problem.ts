import type { Problem } from '../model/problem';
import type { RunningPod } from './pod/running-pod';

/** One crash may be an accident. */
const CRASHES = 2;

/** What is wrong with a pod that runs: what it says itself, and containers that end again and again. */
export function podProblems(pod: RunningPod): Problem[] {
  const { namespace, name } = pod.plan.pod.metadata;
  const crashed = pod.states().filter(({ ready, restarts }) => !ready && restarts >= CRASHES);
  return [...pod.problems(), ...crashed.map((container) => ({
    resource: { kind: 'Pod', namespace, name },
    path: `spec.containers[${container.name}]`,
    message: `ends again and again; it wrote last: ${lastWords(pod, container.name)}`,
  }))];
}

function lastWords(pod: RunningPod, container: string): string {
  const lines = pod.log(container).all().map(({ text }) => text.trim()).filter((text) => text !== '' && !text.startsWith('ended with code'));
  // Node's version is its last line after an uncaught error; the error stands above.
  return lines.filter((line) => /error|cannot|fail/i.test(line) && !line.startsWith('at ')).at(-1) ?? lines.at(-1) ?? 'nothing';
}
