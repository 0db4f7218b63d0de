/** `npx tsx runtime/test/fuzz/run.ts [runs] [seed]`: prints what was found, each kind of finding once with its first mutant. */
import { fuzz } from './fuzz';

async function main(): Promise<void> {
  const [runs = 100_000, seed = 1] = process.argv.slice(2).map(Number);
  const started = Date.now();
  const report = (done: number, found: number) => process.stderr.write(`\r${done} mutants, ${found} findings `);
  const { mutants, configurations, findings } = await fuzz({ runs, seed, report });
  const seen = new Map<string, number>();
  for (const { what, reason, mutant } of findings) {
    const kind = `${what}: ${reason.split('\n')[0].replace(/\d+/g, 'N').slice(0, 160)}`;
    const times = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, times);
    if (times === 1) {
      console.log(`\n✖ ${what}\n${reason}\n${mutant}`);
    }
  }
  console.log([...seen].map(([kind, times]) => `${times} × ${kind}`).join('\n'));
  console.log(`${mutants} mutants, ${configurations} different configurations, ${findings.length} findings, seed ${seed}, ${Math.round((Date.now() - started) / 1000)} s`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

void main();
