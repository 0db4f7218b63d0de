import type { Credentials } from './credentials';
import type { Tally } from './quantity';
import type { Answer, EnginePort } from './engine-port';
import type { PodBook } from './workload';

/** What happened during one call step, for expectations to judge. */
export interface Evidence {
  readonly mesh: EnginePort;
  readonly pods: PodBook;
  readonly answers: readonly Answer[];
  readonly tally: Tally;
  readonly credentials: Credentials;
}

export interface Finding {
  /** What was looked at: `status`, `answered by`, `log of httpbin` … */
  readonly what: string;
  readonly expected: string;
  readonly observed: string;
  readonly ok: boolean;
}

/** One line of `expect`. */
export interface Expectation {
  readonly what: string;
  readonly expected: string;
  /** Remembers what is there before the call, for `judge` to compare with. */
  begin?(mesh: EnginePort): Promise<unknown>;
  judge(evidence: Evidence, before: unknown): Verdict | Promise<Verdict>;
}

export interface Verdict {
  readonly ok: boolean;
  readonly observed: string;
}

export function tallyOf(answers: readonly Answer[]): Tally {
  return { total: answers.length, status: countBy(answers, statusOf) };
}

/** `200`, or `error` where no answer came. */
export function statusOf(answer: Answer): string {
  return answer.error === undefined ? String(answer.status ?? 'answered') : 'error';
}

export function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

/** `200: 981, 503: 19`, most frequent first. */
export function formatCounts(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return sorted.map(([key, count]) => `${key}: ${count}`).join(', ') || 'none';
}

/** Asks again until the verdict is good or the time is over: counters and logs come a moment after the answers. */
export async function eventually(look: () => Promise<Verdict>, timeoutMs: number): Promise<Verdict> {
  const deadline = Date.now() + timeoutMs;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    const verdict = await look();
    if (verdict.ok || Date.now() >= deadline) return verdict;
    await new Promise((wake) => setTimeout(wake, pause));
  }
}
