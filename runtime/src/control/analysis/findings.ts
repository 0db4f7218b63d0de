import type { Resource } from '../../model/resource';
import { changedKeys } from '../../model/resource-change';
import type { ResourceMap } from '../../model/snapshot';

interface Latest<W, V> {
  readonly objects: ResourceMap;
  readonly world: W;
  readonly found: ReadonlyMap<string, V>;
}

/** What is found in the objects of a kind, one by one: after an edit only those are looked at that it has changed. */
export class Findings<W extends object, V> {
  private latest?: Latest<W, V>;

  /** @param look at one object; all that it looks at beside it is in the world, whose members are compared by identity */
  public constructor(private readonly look: (object: Resource, world: W) => V | undefined) {}

  /** In the order of the objects. */
  public of(objects: ResourceMap, world: W): readonly V[] {
    const before = this.latest && isSame(this.latest.world, world) ? this.latest : undefined;
    if (before?.objects !== objects) {
      this.latest = { objects, world, found: before ? this.follow(before, objects, world) : this.lookAt(objects.keys(), objects, world) };
    }
    const { found } = this.latest as Latest<W, V>;
    return found.size === 0 ? [] : [...objects.keys()].filter((key) => found.has(key)).map((key) => found.get(key) as V);
  }

  private follow({ objects: old, found }: Latest<W, V>, objects: ResourceMap, world: W): ReadonlyMap<string, V> {
    const changed = changedKeys(old, objects);
    const kept = [...found].filter(([key]) => objects.get(key) === old.get(key));
    return new Map([...kept, ...this.lookAt(changed, objects, world)]);
  }

  private lookAt(keys: Iterable<string>, objects: ResourceMap, world: W): ReadonlyMap<string, V> {
    const found = new Map<string, V>();
    for (const key of keys) {
      const value = this.look(objects.get(key) as Resource, world);
      if (value !== undefined) {
        found.set(key, value);
      }
    }
    return found;
  }
}

function isSame<W extends object>(before: W, after: W): boolean {
  return (Object.keys(after) as (keyof W)[]).every((key) => before[key] === after[key]);
}
