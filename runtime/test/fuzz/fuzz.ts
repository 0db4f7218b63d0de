import { dump } from 'js-yaml';
import type { Resource } from '../../src/model/resource';
import { EnvoyBatch } from './batch';
import { readCorpus } from './corpus';
import type { Sample } from './corpus';
import { mutate } from './mutate';
import { Random } from './random';
import { judge } from './verdict';

export interface Finding {
  readonly what: 'crash' | 'refused by Envoy' | 'a problem without a field';
  readonly reason: string;
  /** The case, and the object as it was mutated. */
  readonly mutant: string;
}

export interface FuzzResult {
  readonly mutants: number;
  readonly findings: readonly Finding[];
}

const BATCH = 60;

interface Mutant {
  readonly sample: Sample;
  readonly object: Resource;
}

/**
 * Mutates valid objects. Whatever is accepted, Envoy must accept; whatever is refused, the problem names a field; nothing may crash.
 *
 * @param runs how many mutants
 * @param seed the same seed makes the same mutants
 */
export async function fuzz({ runs, seed, report }: { readonly runs: number; readonly seed: number; readonly report?: (done: number) => void }): Promise<FuzzResult> {
  const corpus = readCorpus();
  const random = new Random(seed);
  const batch = new EnvoyBatch();
  const findings: Finding[] = [];
  for (let done = 0; done < runs; done += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, runs - done) }, () => tryOne(corpus, random, findings)).flatMap((entry) => entry ?? []);
    for (const { of, reason } of await batch.refused(entries)) {
      findings.push({ what: 'refused by Envoy', reason: gist(reason), mutant: print(of) });
    }
    report?.(done);
  }
  batch.close();
  return { mutants: runs, findings };
}

function tryOne(corpus: readonly Sample[], random: Random, findings: Finding[]): { of: Mutant; bootstrap: object } | undefined {
  const sample = random.pick(corpus);
  const target = random.pick(sample.targets);
  const object = mutate(sample.objects[target], random);
  const mutant: Mutant = { sample, object };
  try {
    const { bootstrap, pathless } = judge(sample.objects.map((one, i) => (i === target ? object : one)), sample);
    findings.push(...pathless.map((reason): Finding => ({ what: 'a problem without a field', reason, mutant: print(mutant) })));
    return { of: mutant, bootstrap };
  } catch (error) {
    findings.push({ what: 'crash', reason: (error as Error).stack ?? String(error), mutant: print(mutant) });
    return undefined;
  }
}

/** Envoy repeats the whole configuration before it says what is wrong with it. */
function gist(reason: string): string {
  return /(Proto constraint validation failed.*|error initializing configuration.*)/s.exec(reason.split('\n').slice(-3).join('\n'))?.[0] ?? reason.slice(-600);
}

function print({ sample, object }: Mutant): string {
  return `${sample.name}\n${dump(object, { noRefs: true, skipInvalid: true })}`;
}
