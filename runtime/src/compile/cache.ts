interface Entry<V> {
  readonly inputs: readonly unknown[];
  readonly value: V;
}

/** Kept per key: proxies of different namespaces may make different things of one name. */
const ENTRIES_PER_KEY = 16;
/** Keys of things that are gone are the ones that were made longest ago. */
const MAX_KEYS = 200_000;

/**
 * Results by exactly what went into them: a key, and a list of inputs that are compared by identity. Whoever leaves an input out of the
 * list gets stale results, so `make` must close over nothing that is not listed.
 */
export class InputCache<V> {
  private readonly entries = new Map<string, readonly Entry<V>[]>();

  public constructor(private readonly entriesPerKey = ENTRIES_PER_KEY) {}

  public has(key: string, inputs: readonly unknown[]): boolean {
    return find(this.entries.get(key), inputs) !== undefined;
  }

  /** What was made last under a key, of whatever: to be followed, never to be taken as it is. */
  public latest(key: string): V | undefined {
    return this.entries.get(key)?.[0].value;
  }

  public get(key: string, inputs: readonly unknown[], make: () => V): V {
    const known = this.entries.get(key);
    const found = find(known, inputs);
    if (found) {
      return found.value;
    }
    const entry = { inputs, value: make() };
    this.entries.delete(key);
    this.entries.set(key, added(known, entry, this.entriesPerKey));
    if (this.entries.size > MAX_KEYS) {
      this.entries.delete(this.entries.keys().next().value as string);
    }
    return entry.value;
  }
}

/** The same for results that belong to one object above all: they go with it, and no name for them has to be put together. */
export class ObjectCache<K extends object, V> {
  private readonly entries = new WeakMap<K, readonly Entry<V>[]>();

  public constructor(private readonly entriesPerKey = ENTRIES_PER_KEY) {}

  public get(key: K, inputs: readonly unknown[], make: () => V): V {
    const known = this.entries.get(key);
    const found = find(known, inputs);
    if (found) {
      return found.value;
    }
    const entry = { inputs, value: make() };
    this.entries.set(key, added(known, entry, this.entriesPerKey));
    return entry.value;
  }
}

/** What follows from one object alone, made once. */
export class Derived<K extends object, V> {
  private readonly made = new WeakMap<K, { readonly value: V }>();

  public constructor(private readonly make: (from: K) => V) {}

  public of(from: K): V {
    let entry = this.made.get(from);
    if (!entry) {
      entry = { value: this.make(from) };
      this.made.set(from, entry);
    }
    return entry.value;
  }
}

function find<V>(entries: readonly Entry<V>[] | undefined, inputs: readonly unknown[]): Entry<V> | undefined {
  for (let i = 0; entries && i < entries.length; i++) {
    if (sameItems(entries[i].inputs, inputs)) {
      return entries[i];
    }
  }
  return undefined;
}

function added<V>(known: readonly Entry<V>[] | undefined, entry: Entry<V>, limit: number): readonly Entry<V>[] {
  return known ? [entry, ...known.slice(0, limit - 1)] : [entry];
}

export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) {
    return false;
  }
  // A thousand of these run for every edit: a loop, not a call for each item.
  for (let i = 0; i < a.length; i++) {
    if (!Object.is(a[i], b[i])) {
      return false;
    }
  }
  return true;
}
