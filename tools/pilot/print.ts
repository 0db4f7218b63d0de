/**
 * `npm run pilot [-- FILTER]`: what our compiler sends to proxies against what Istio's own pilot sends, for the runtime's cases. Ends with 1
 * where they differ in a way for which known.yaml has no reason.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { differences } from './difference';
import type { Difference, Resources } from './difference';
import { askPilot } from './pilot';
import { casesWith } from './worlds';

const EXAMPLES = 3;
const WIDTH = 240;

interface Known {
  /** Regular expression for the path; with `case`, only in the cases whose name it matches. */
  readonly path: string;
  readonly case?: string;
  readonly why: string;
}

interface Finding extends Difference {
  readonly where: string;
}

function main(): void {
  const known = load(readFileSync(join(__dirname, 'known.yaml'), 'utf8')) as readonly Known[];
  const asked = [...casesWith(process.argv[2] ?? '')];
  const answers = askPilot(asked.map(({ world }) => world));
  const findings: Finding[] = [];
  let proxies = 0;
  answers.forEach(({ name, refused, error = refusal(refused), nodes }, index) => {
    if (error !== undefined) {
      console.log(`– ${name}: cannot be compared: ${error.split('\n').join(' ').slice(0, WIDTH)}`);
      return;
    }
    for (const [node, theirs] of Object.entries(nodes)) {
      proxies++;
      const found = differences(asked[index]?.ours.get(node) as Resources, theirs);
      findings.push(...found.map((one) => ({ ...one, where: `${name} | ${node} | ${one.resource}` })));
    }
  });
  const unknown = findings.filter((one) => !known.some((each) => explains(each, one)));
  print(unknown);
  console.log(`${proxies} proxies of ${asked.length} cases: ${findings.length - unknown.length} differences with a reason, ${unknown.length} without`);
  process.exitCode = unknown.length > 0 ? 1 : 0;
}

/** Its validation takes the whole object away, ours the part that is wrong. */
function refusal(refused: readonly string[]): string | undefined {
  return refused.length === 0 ? undefined : `pilot refuses ${refused.join('; ')}`;
}

function explains({ path, case: name }: Known, finding: Finding): boolean {
  return new RegExp(path).test(finding.path) && (name === undefined || new RegExp(name).test(finding.where));
}

function print(findings: readonly Finding[]): void {
  const byPath = new Map<string, Finding[]>();
  findings.forEach((one) => byPath.set(one.path, [...byPath.get(one.path) ?? [], one]));
  for (const [path, group] of [...byPath].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`✖ ${path} (${group.length})`);
    const different = new Map(group.map((one) => [`      ours   ${brief(one.ours)}\n      theirs ${brief(one.theirs)}`, one.where]));
    [...different].slice(0, EXAMPLES).forEach(([text, where]) => console.log(`    ${where}\n${text}`));
  }
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, WIDTH);
}

main();
