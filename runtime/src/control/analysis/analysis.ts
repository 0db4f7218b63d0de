import type { Problem } from '../../model/problem';
import type { ResourceMap, Snapshot } from '../../model/snapshot';
import { resourcesOf } from '../../model/snapshot';

/** Looks for what is valid and still cannot be meant, as `istioctl analyze` does: always warnings, nothing is left out for them. */
export interface Analysis {
  problems(raw: Snapshot): readonly Problem[];
}

/** The kinds that an analysis looks at, as they are now. */
export type Kinds<K extends string> = Readonly<Record<K, ResourceMap>>;

/** Looks again when some object of these kinds has changed, and only then. */
export class KindAnalysis<K extends string> implements Analysis {
  private latest?: { readonly kinds: Kinds<K>; readonly problems: readonly Problem[] };

  /**
   * @param groupKinds by the names that `find` calls them
   * @param find may remember what it found of objects that are still the same
   */
  public constructor(private readonly groupKinds: Readonly<Record<K, string>>, private readonly find: (kinds: Kinds<K>) => readonly Problem[]) {}

  public problems(raw: Snapshot): readonly Problem[] {
    const { latest } = this;
    const names = Object.keys(this.groupKinds) as K[];
    const kinds = Object.fromEntries(names.map((name) => [name, resourcesOf(raw, this.groupKinds[name])])) as Kinds<K>;
    if (!latest || names.some((name) => latest.kinds[name] !== kinds[name])) {
      this.latest = { kinds, problems: this.find(kinds) };
    }
    return this.latest?.problems ?? [];
  }
}
