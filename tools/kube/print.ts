/** `npm run kube [-- COUNT SEED]`: our checks against a real kube-apiserver that holds the pinned definitions. Ends with 1 where they differ. */
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { ApiServer } from './api-server';
import { mutatedCandidates, suiteCandidates } from './candidates';
import { Kinds } from './definitions';
import { ask } from './verdict';
import type { Verdict } from './verdict';

const SUITES = join(__dirname, '../../../shared/suites');

async function main(): Promise<void> {
  const [count = 2000, seed = 1] = process.argv.slice(2).map(Number);
  const server = await ApiServer.start();
  try {
    const kinds = await Kinds.install(server);
    const candidates = [...suiteCandidates(SUITES), ...mutatedCandidates(count, seed)];
    const verdicts: Verdict[] = [];
    for (const candidate of candidates) {
      const verdict = await ask(server, kinds, candidate);
      verdicts.push(...verdict ? [verdict] : []);
    }
    print(verdicts, candidates.length);
  } finally {
    server.stop();
  }
}

function print(verdicts: readonly Verdict[], asked: number): void {
  const wrong = verdicts.filter(({ agrees }) => !agrees);
  wrong.forEach(({ candidate: { name, object }, violations, reasons, refused, serverRefuses }) => {
    const ours = violations.map(({ path, message }) => `${path}: ${message}`);
    console.log(`✖ ${name}: we ${refused ? 'refuse' : 'accept'}, the server ${serverRefuses ? 'refuses' : 'accepts'}`);
    console.log(`  we:     ${ours.join('\n          ') || 'nothing'}\n  server: ${reasons.join('\n          ') || 'nothing'}\n${dump(object, { noRefs: true, skipInvalid: true })}`);
  });
  const refused = verdicts.filter((one) => one.agrees && one.refused);
  const samePlace = refused.filter(({ violations, reasons }) => violations.some(({ path }) => reasons.some((reason) => reason.startsWith(`${path}:`))));
  console.log(`${verdicts.length} objects asked (${asked - verdicts.length} of kinds without a definition): ${verdicts.length - wrong.length} agree, ${wrong.length} differ`);
  console.log(`of those that agree, ${refused.length} are refused, ${samePlace.length} of them with the same field named`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

void main();
