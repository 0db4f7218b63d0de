// Timing in pairs: the two commands take turns, so that a busy moment of the machine hits both.
import { performance } from 'node:perf_hooks';

export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

export async function timed(action) {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Medians of both, after one unmeasured round each. */
export async function paired(rounds, first, second) {
  const times = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, action] of [first, second].entries()) {
      const ms = await timed(action);
      if (round > 0) times[index].push(ms);
    }
  }
  return times.map(median);
}

export const round1 = (ms) => Math.round(ms * 10) / 10;
export const percentMore = (value, base) => `${value >= base ? '+' : ''}${Math.round((value / base - 1) * 100)} %`;
