import { countBy, formatCounts, statusOf, type Evidence, type Expectation, type Verdict } from './expectation';
import { formatMs, type Quantity } from './quantity';
import type { Answer } from './engine-port';
import { isOf, type WorkloadName } from './workload';

/** How many answers fall to each name. The list is complete: what it does not name must not occur. */
export type Distribution = ReadonlyMap<string, Quantity>;

export function status(expected: number | Distribution): Expectation {
  const text = typeof expected === 'number' ? String(expected) : formatDistribution(expected);
  return {
    what: 'status',
    expected: text,
    judge: ({ answers, tally }) => {
      const observed = describeFailures(answers, formatCounts(tally.status));
      const isWanted = (answer: Answer) => (typeof expected === 'number' ? statusOf(answer) === String(expected) : expected.has(statusOf(answer)));
      const ok = typeof expected === 'number' ? answers.every(isWanted) : fits(expected, tally.status, tally);
      return { ok, observed: ok ? observed : `${observed}${proxysWords(answers.find((answer) => !isWanted(answer)))}` };
    },
  };
}

/** How gRPC calls end. Without a gRPC answer it is `error`. */
export function grpc(expected: string | Distribution): Expectation {
  return {
    what: 'gRPC status',
    expected: typeof expected === 'string' ? expected : formatDistribution(expected),
    judge: ({ answers, tally }) => {
      const counts = countBy(answers, (answer) => answer.grpc ?? 'error');
      const message = answers.find(({ headers }) => headers['grpc-message'])?.headers['grpc-message'];
      const ok = typeof expected === 'string' ? counts.get(expected) === answers.length : fits(expected, counts, tally);
      return { ok, observed: `${describeFailures(answers, formatCounts(counts))}${message ? `: ${message}` : ''}` };
    },
  };
}

/** Every call gets an answer: expected wherever nothing is said of status and error. */
export const answered: Expectation = {
  what: 'answered',
  expected: 'every call',
  judge: ({ answers, tally }) => ({ ok: !tally.status.has('error'), observed: describeFailures(answers, formatCounts(tally.status)) }),
};

export function error(code: string | true): Expectation {
  return {
    what: 'error',
    expected: code === true ? 'every call fails' : code,
    judge: ({ answers }) => ({
      ok: answers.every((answer) => answer.error !== undefined && (code === true || answer.error === code)),
      observed: formatCounts(countBy(answers, (answer) => answer.error ?? `status ${answer.status ?? 'answered'}`)),
    }),
  };
}

const LONGEST_WORDS = 300;

/** The key for answers that no workload gave: those of a proxy itself. */
export const NOBODY = 'nobody';

export interface Answerer {
  readonly text: string;
  /** Absent for `nobody` and for what is no workload: a stand-in outside the mesh goes by its host name. */
  readonly workload?: WorkloadName;
  readonly count?: Quantity;
}

/** With one answerer without a count, every answer must be its. */
export function answeredBy(answerers: readonly Answerer[]): Expectation {
  const single = answerers.length === 1 && !answerers[0].count;
  return {
    what: 'answered by',
    expected: single ? answerers[0].text : answerers.map(({ text, count }) => `${text}: ${count?.text}`).join(', '),
    judge: ({ answers, pods, tally }) => {
      const whoOf = (answer: Answer): string => {
        const server = answer.headers['x-served-by'];
        if (server === undefined) return NOBODY;
        const pod = pods.get(server);
        const known = answerers.find(({ text, workload }) => text === server || (pod && workload && isOf(pod, workload)));
        return known?.text ?? pods.describe(server);
      };
      const counts = countBy(answers, whoOf);
      const expected = new Map(answerers.flatMap(({ text, count }) => (count ? [[text, count] as const] : [])));
      const ok = single ? counts.get(answerers[0].text) === answers.length : fits(expected, counts, tally);
      return { ok, observed: formatCounts(counts) };
    },
  };
}

export function took(range: Quantity): Expectation {
  return {
    what: 'took',
    expected: range.text,
    judge: ({ answers, tally }) => {
      const times = answers.map((answer) => answer.durationMs);
      const [fastest, slowest] = [Math.min(...times), Math.max(...times)];
      const observed = times.length === 1 ? formatMs(fastest) : `${formatMs(fastest)} .. ${formatMs(slowest)}`;
      return { ok: times.every((time) => range.holds(time, tally)), observed };
    },
  };
}

export function containing(expected: Distribution): Expectation {
  return {
    what: 'containing',
    expected: formatDistribution(expected),
    judge: ({ answers, tally }) => {
      const counts = [...expected].map(([text, quantity]) => ({ text, quantity, n: answers.filter(({ body }) => body.includes(text)).length }));
      return { ok: counts.every(({ quantity, n }) => quantity.holds(n, tally)), observed: counts.map(({ text, n }) => `${text}: ${n}`).join(', ') };
    },
  };
}

/** How many different pods answered. */
export function differentPods(expected: Quantity): Expectation {
  return {
    what: 'pods',
    expected: expected.text,
    judge: ({ answers, tally }) => {
      const counts = countBy(answers.filter(({ headers }) => 'x-served-by' in headers), ({ headers }) => headers['x-served-by']);
      return { ok: expected.holds(counts.size, tally), observed: `${counts.size} (${formatCounts(counts)})` };
    },
  };
}

/** A header of every answer, or of as many as `count` says. */
export function header(name: string, { text, accepts }: { text: string; accepts: (value?: string) => boolean }, count?: Quantity): Expectation {
  const valueOf = (answer: Answer): string | undefined => answer.headers[name];
  return {
    what: name,
    expected: count ? `${text}, in ${count.text} answers` : text,
    judge: ({ answers, tally }) => {
      if (!count) return judgeEvery(answers, (answer) => accepts(valueOf(answer)), (answer) => valueOf(answer) ?? '(none)');
      const n = answers.filter((answer) => accepts(valueOf(answer))).length;
      return { ok: count.holds(n, tally), observed: `in ${n} of ${answers.length} answers` };
    },
  };
}

/** The body of every answer. */
export function body(expected: string, accepts: (text: string) => boolean, show: (text: string) => string): Expectation {
  return { what: 'body', expected, judge: ({ answers }) => judgeEvery(answers, (answer) => accepts(answer.body), (answer) => show(answer.body)) };
}

function judgeEvery(answers: Evidence['answers'], accepts: (answer: Answer) => boolean, show: (answer: Answer) => string): Verdict {
  const wrong = answers.find((answer) => !accepts(answer));
  if (!wrong) return { ok: true, observed: answers.length === 1 ? show(answers[0]) : `all ${answers.length}` };
  const count = answers.filter((answer) => !accepts(answer)).length;
  return { ok: false, observed: answers.length === 1 ? show(wrong) : `${count} of ${answers.length} not, such as ${show(wrong)}` };
}

function fits(expected: Distribution, counts: ReadonlyMap<string, number>, tally: Evidence['tally']): boolean {
  return [...expected].every(([key, quantity]) => quantity.holds(counts.get(key) ?? 0, tally)) && [...counts.keys()].every((key) => expected.has(key));
}

function formatDistribution(expected: Distribution): string {
  return [...expected].map(([key, quantity]) => `${key}: ${quantity.text}`).join(', ');
}

/** An answer that no workload gave says what kept the proxy from handing the request on. */
function proxysWords(answer: Answer | undefined): string {
  const words = answer && answer.headers['x-served-by'] === undefined ? (answer.body ?? '').trim().replace(/\s+/g, ' ').slice(0, LONGEST_WORDS) : '';
  return words === '' ? '' : ` (${words})`;
}

function describeFailures(answers: readonly Answer[], counts: string): string {
  const failed = answers.filter((answer) => answer.error !== undefined);
  return failed.length ? `${counts} (${formatCounts(countBy(failed, (answer) => answer.error ?? ''))})` : counts;
}
