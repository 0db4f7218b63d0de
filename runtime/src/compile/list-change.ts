/**
 * Where two lists differ. Lists of one length are compared place by place: `gone[i]` stood where `come[i]` stands. Otherwise it is all that
 * stands between their common beginning and their common end. What is in neither is in both lists, in the same order.
 */
export interface ListChange<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

interface Follower {
  readonly list: readonly unknown[];
  readonly change: ListChange<unknown>;
}

/** Many ask for the step from one list to the next after an edit; it is found once. */
const followers = new WeakMap<readonly unknown[], Follower>();

/** What an edit did to a list. Whatever is chosen out of the list one by one is the same as before if it is chosen from neither side. */
export function changeOf<T>(before: readonly T[], after: readonly T[]): ListChange<T> {
  const known = followers.get(before);
  if (known?.list === after) {
    return known.change as ListChange<T>;
  }
  const change = compareLists(before, after);
  followers.set(before, { list: after, change });
  return change;
}

function compareLists<T>(before: readonly T[], after: readonly T[]): ListChange<T> {
  if (before.length === after.length) {
    return compareInPlace(before, after);
  }
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) {
    start++;
  }
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) {
    end++;
  }
  return { gone: before.slice(start, before.length - end), come: after.slice(start, after.length - end) };
}

/** Lists are long and edits are frequent: a loop, not a call for each item. */
function compareInPlace<T>(before: readonly T[], after: readonly T[]): ListChange<T> {
  const change = { gone: [] as T[], come: [] as T[] };
  for (let i = 0; i < before.length; i++) {
    if (before[i] !== after[i]) {
      change.gone.push(before[i]);
      change.come.push(after[i]);
    }
  }
  return change;
}

/** Results that belong to the latest list of a kind: kept, if `unchanged` says of a step to the next list that it makes no difference. */
export class Followed<T, V> {
  private latest?: { readonly list: readonly T[]; readonly value: V };

  /**
   * @param make what follows from a list
   * @param unchanged whether the same follows from the list after a step as from the one before
   */
  public constructor(private readonly make: (list: readonly T[]) => V, private readonly unchanged: (change: ListChange<T>, value: V) => boolean) {}

  public of(list: readonly T[]): V {
    if (this.latest?.list !== list) {
      const { latest } = this;
      const value = latest && this.unchanged(changeOf(latest.list, list), latest.value) ? latest.value : this.make(list);
      this.latest = { list, value };
    }
    return this.latest.value;
  }
}

/** Those of a list that fit: the list itself if all do, and the same list as before if an edit is about none of them. */
export class Fitting<T> {
  private latest?: { readonly list: readonly T[]; readonly fitting: readonly T[] };

  public constructor(private readonly fits: (item: T) => boolean) {}

  public of(list: readonly T[]): readonly T[] {
    if (this.latest?.list !== list) {
      this.latest = { list, fitting: this.followed(list) ?? (list.every(this.fits) ? list : list.filter(this.fits)) };
    }
    return this.latest.fitting;
  }

  private followed(list: readonly T[]): readonly T[] | undefined {
    const { latest } = this;
    const { gone, come } = latest ? changeOf(latest.list, list) : UNKNOWN;
    if (!latest || gone.length !== come.length || gone.some((one, i) => this.fits(one) !== this.fits(come[i]))) {
      return undefined;
    }
    if (latest.fitting === latest.list) {
      return list;
    }
    const successors = new Map(gone.flatMap((one, i) => (this.fits(one) ? [[one, come[i]]] : [])));
    return successors.size === 0 ? latest.fitting : latest.fitting.map((one) => successors.get(one) ?? one);
  }
}

const UNKNOWN: ListChange<never> = { gone: [], come: [] };
