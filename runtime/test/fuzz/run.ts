/** `npm run fuzz [-- RUNS SEED]`: prints what was found, each kind of finding once with its first mutant. */
import { fuzz } from './fuzz';
import type { Finding } from './fuzz';

const RUNS = 100_000;

async function main(): Promise<void> {
  const [runs = RUNS, seed = 1] = process.argv.slice(2).map(Number);
  const started = Date.now();
  const report = (done: number, found: number) => process.stderr.write(`\r${done} mutants, ${found} findings `);
  const { mutants, configurations, findings } = await fuzz({ runs, seed, report });
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    kinds.set(kindOf(finding), [...kinds.get(kindOf(finding)) ?? [], finding]);
  }
  for (const [, [{ what, reason, mutant }]] of kinds) {
    console.log(`\n✖ ${what}\n${reason}\n${mutant}`);
  }
  console.log([...kinds].map(([kind, { length }]) => `${length} × ${kind}`).join('\n'));
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`${mutants} mutants, ${configurations} different configurations, ${findings.length} findings, seed ${seed}, ${seconds} s`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Findings that have one cause say the same but for numbers. */
function kindOf({ what, reason }: Finding): string {
  return `${what}: ${reason.split('\n')[0].replace(/\d+/g, 'N').slice(0, 300)}`;
}

void main();
