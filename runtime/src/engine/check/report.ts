import pc from 'picocolors';
import { formatMs } from './quantity';
import type { CheckResult } from './run';
import type { Finding } from './expectation';

/** One check as `--output json` prints it. */
export interface CheckReport {
  readonly name: string;
  readonly proves: readonly string[];
  readonly state: CheckResult['state'];
  readonly expected: string;
  readonly observed: string;
  readonly durationMs: number;
  readonly reason?: string;
  readonly steps: CheckResult['steps'];
  readonly problems: readonly string[];
}

export interface Report {
  readonly checks: readonly CheckReport[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What the mesh lacked when the checks began. @default it was as wanted */
  readonly notReady?: string;
}

const MARKS = { passed: pc.green('✔'), failed: pc.red('✖'), skipped: pc.yellow('○') } as const;

export function toReport(results: readonly CheckResult[], notReady?: string): Report {
  const count = (state: CheckResult['state']): number => results.filter((result) => result.state === state).length;
  return { ...(notReady === undefined ? {} : { notReady }), checks: results.map(toCheckReport), passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

function toCheckReport(result: CheckResult): CheckReport {
  const findings = result.steps.flatMap((step) => step.findings);
  // What failed says more than all that did not.
  const telling = findings.some(({ ok }) => !ok) ? findings.filter(({ ok }) => !ok) : findings;
  const line = (text: (finding: Finding) => string): string => telling.map((finding) => `${finding.what} ${text(finding)}`).join('; ');
  const expected = result.state === 'failed' && result.reason ? 'a failure' : line((finding) => finding.expected);
  const { name, proves, state, reason, steps, problems } = result;
  const durationMs = Math.round(result.durationMs);
  return { name, proves, state, expected, observed: line((finding) => finding.observed), durationMs, reason, steps, problems };
}

/** Every check with what was expected and what was observed. */
export function formatCheck(result: CheckResult): string {
  const proves = result.proves.length ? pc.dim(`  ${result.proves.join(' ')}`) : '';
  const lines = [`${MARKS[result.state]} ${result.name}${proves}${pc.dim(`  ${formatMs(result.durationMs)}`)}`];
  if (result.reason) lines.push(`    ${result.reason}`);
  for (const { step, findings } of result.steps) {
    lines.push(pc.dim(`    ${step}`));
    const width = Math.max(0, ...findings.map(({ what }) => what.length));
    for (const finding of findings) lines.push(formatFinding(finding, width));
  }
  for (const problem of result.problems) lines.push(pc.yellow(`      problem  ${problem}`));
  return lines.join('\n');
}

function formatFinding({ what, expected, observed, ok }: Finding, width: number): string {
  const mark = ok ? pc.green('✔') : pc.red('✖');
  return `      ${mark} ${what.padEnd(width)}  expected ${expected}\n        ${' '.repeat(width)}  observed ${ok ? observed : pc.red(observed)}`;
}

export function formatTotal({ passed, failed, skipped }: Report): string {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
