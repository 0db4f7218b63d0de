interface Entry<V> {
  readonly inputs: readonly unknown[];
  readonly value: V;
}

/** Kept per key: proxies of different namespaces may make different things of one name. */
const ENTRIES_PER_KEY = 16;
/** Keys of things that are gone are the ones that were not asked for longest. */
const MAX_KEYS = 200_000;

/**
 * Results by exactly what went into them: a key, and a list of inputs that are compared by identity. Whoever leaves an input out of the
 * list gets stale results, so `make` must close over nothing that is not listed.
 */
export class InputCache<V> {
  private readonly entries = new Map<string, Entry<V>[]>();

  public get(key: string, inputs: readonly unknown[], make: () => V): V {
    const known = this.entries.get(key) ?? [];
    const found = known.find((entry) => sameItems(entry.inputs, inputs));
    if (found) {
      return found.value;
    }
    const entry = { inputs, value: make() };
    this.entries.delete(key);
    this.entries.set(key, [entry, ...known.slice(0, ENTRIES_PER_KEY - 1)]);
    if (this.entries.size > MAX_KEYS) {
      this.entries.delete(this.entries.keys().next().value as string);
    }
    return entry.value;
  }
}

export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
}
