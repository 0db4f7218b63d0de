import type { Resource } from '../../model/resource';
import { sameItems } from '../cache';

/** Questions that a reader may ask of other objects. What is answered must stay the same value as long as nothing changes. */
export type Answers<W> = { readonly [Name in keyof W]: (...about: string[]) => unknown };

interface Question<W> {
  readonly name: keyof W;
  readonly about: readonly string[];
  readonly answer: unknown;
}

interface Trace<W, V> {
  readonly questions: readonly Question<W>[];
  readonly value: V;
}

/**
 * Results of reading objects that refer to others. The inputs of a result are the object, and the answers to all questions that were asked
 * while it was read: as long as they are answered as before, the result is as before.
 */
export class TracedReadings<W extends Answers<W>, V> {
  private readonly traces = new WeakMap<Resource, Trace<W, V>>();

  public constructor(private readonly read: (resource: Resource, world: W) => V) {}

  public of(resource: Resource, world: W): V {
    const known = this.traces.get(resource);
    if (known && known.questions.every(({ name, about, answer }) => isSame(world[name](...about), answer))) {
      return known.value;
    }
    const questions: Question<W>[] = [];
    const value = this.read(resource, recording(world, questions));
    this.traces.set(resource, { questions, value });
    return value;
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? sameItems(a, b) : Object.is(a, b);
}

function recording<W extends Answers<W>>(world: W, questions: Question<W>[]): W {
  const names = Object.keys(world) as (keyof W)[];
  return Object.fromEntries(names.map((name) => [name, (...about: string[]) => {
    const answer = world[name](...about);
    questions.push({ name, about, answer });
    return answer;
  }])) as W;
}
