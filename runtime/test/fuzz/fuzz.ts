import { createHash } from 'node:crypto';
import { dump } from 'js-yaml';
import { inlineBootstrap } from '../../src/envoy';
import type { Problem } from '../../src/model/problem';
import type { Resource } from '../../src/model/resource';
import { EnvoyBatch } from './batch';
import type { Entry } from './batch';
import { readCorpus } from './corpus';
import type { Sample } from './corpus';
import { Mutator } from './mutate';
import { Random } from './random';
import { World } from './verdict';
import type { Verdict } from './verdict';

export interface Finding {
  readonly what: 'crash' | 'refused by Envoy' | 'a problem without a field' | 'not as before';
  readonly reason: string;
  /** The case, and the objects as they were mutated. */
  readonly mutant: string;
}

export interface FuzzResult {
  readonly mutants: number;
  /** Configurations that differ, all of which Envoys looked at. */
  readonly configurations: number;
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  /** How many mutants. */
  readonly runs: number;
  /** The same seed makes the same mutants. */
  readonly seed: number;
  readonly report?: (done: number, findings: number) => void;
}

interface Mutant {
  readonly sample: Sample;
  readonly objects: readonly Resource[];
}

const BATCH = 100;

/**
 * Mutates valid objects, some in worlds of their own, some as edits of a running mesh. Whatever is accepted, Envoy must accept; whatever is
 * refused, the problem names a field; nothing may crash; and when the edit is taken back, everything is as it was before.
 */
export async function fuzz({ runs, seed, report }: FuzzOptions): Promise<FuzzResult> {
  const target = new FuzzTarget(seed);
  const batch = new EnvoyBatch();
  let looking: Promise<void> = Promise.resolve();
  for (let done = 0; done < runs; done += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, runs - done) }, () => target.tryOne()).flatMap((entry) => entry ?? []);
    // While Envoy looks at these, the next are made.
    await looking;
    looking = batch.refused(entries).then((refused) => refused.forEach(({ of, reason }) => target.found('refused by Envoy', gist(reason), of)));
    report?.(done, target.findings.length);
  }
  await looking;
  batch.close();
  return { mutants: runs, configurations: target.configurations, findings: target.findings };
}

class FuzzTarget {
  public readonly findings: Finding[] = [];
  private readonly corpus = readCorpus();
  private readonly random: Random;
  private readonly running = new Map<Sample, { readonly world: World; readonly before: string }>();
  private readonly seen = new Set<string>();

  public constructor(seed: number) {
    this.random = new Random(seed);
  }

  public get configurations(): number {
    return this.seen.size;
  }

  /** A bootstrap that no Envoy has seen yet. */
  public tryOne(): Entry<Mutant> | undefined {
    const mutant = this.next();
    try {
      const { problems, compiled, fingerprint } = this.random.below(2) === 0 ? new World(mutant.sample).become(mutant.objects) : this.edit(mutant);
      problems.filter(isPathless).forEach(({ resource, message }) => this.found('a problem without a field', `${resource.kind}: ${message}`, mutant));
      const digest = createHash('sha256').update(fingerprint).digest('base64');
      if (this.seen.has(digest)) {
        return undefined;
      }
      this.seen.add(digest);
      return { of: mutant, bootstrap: inlineBootstrap({ node: { id: 'test', cluster: 'test' } }, compiled.configuration) };
    } catch (error) {
      this.found('crash', (error as Error).stack ?? String(error), mutant);
      return undefined;
    }
  }

  public found(what: Finding['what'], reason: string, mutant: Mutant): void {
    this.findings.push({ what, reason, mutant: print(mutant) });
  }

  /** One object is changed, of every fourth mutant two. */
  private next(): Mutant {
    const sample = this.random.pick(this.corpus);
    const mutator = new Mutator(this.random, sample.words);
    const objects = [...sample.objects];
    for (let i = this.random.below(4) === 0 ? 1 : 0; i >= 0; i--) {
      const { index, schema } = this.random.pick(sample.targets);
      objects[index] = mutator.mutate(objects[index], schema);
    }
    return { sample, objects };
  }

  /** The mutant as an edit of a running mesh, and back. */
  private edit(mutant: Mutant): Verdict {
    const { sample, objects } = mutant;
    const { world, before } = this.running.get(sample) ?? started(sample);
    // Whatever went wrong, the next mutant meets a sound world.
    this.running.delete(sample);
    const verdict = world.become(objects);
    const after = world.become(sample.objects).fingerprint;
    if (after === before) {
      this.running.set(sample, { world, before });
    } else {
      this.found('not as before', difference(before, after), mutant);
    }
    return verdict;
  }
}

function started(sample: Sample): { world: World; before: string } {
  const world = new World(sample);
  return { world, before: world.become(sample.objects).fingerprint };
}

function difference(before: string, after: string): string {
  const [old, now] = [before, after].map((text) => new Set(text.split('\n')));
  return [...[...old].filter((line) => !now.has(line)).map((line) => `- ${line}`), ...[...now].filter((line) => !old.has(line)).map((line) => `+ ${line}`)].join('\n');
}

function isPathless({ path }: Problem): boolean {
  return path === '';
}

/** Envoy repeats the whole configuration before it says what is wrong with it. */
function gist(reason: string): string {
  return /(Proto constraint validation failed.*|error initializing configuration.*)/s.exec(reason.split('\n').slice(-3).join('\n'))?.[0] ?? reason.slice(-600);
}

function print({ sample, objects }: Mutant): string {
  const changed = objects.filter((object, i) => object !== sample.objects[i]);
  return `# ${sample.name}\n${changed.map((object) => dump(object, { noRefs: true, skipInvalid: true })).join('---\n')}`;
}
