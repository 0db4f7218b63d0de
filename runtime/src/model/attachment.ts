/**
 * How far data on a traffic policy reaches: `port`, it may be set for single ports too, whose settings replace it; `host`, it is for all
 * ports; `level`, it is for exactly the host or the subset on which it is set.
 */
export type Reach = 'port' | 'host' | 'level';

/** Names one room's data on a spine object. The spine never learns which rooms exist; `T` is the type of the data. */
export interface Key<T> {
  readonly name: string;
  readonly reach: Reach;
  /** Never set: carries the type only. */
  readonly type?: T;
}

export interface Attachment<T = unknown> {
  readonly key: Key<T>;
  readonly value: T;
}

export function key<T>(name: string, reach: Reach = 'port'): Key<T> {
  return { name, reach };
}

export function attach<T>(to: Key<T>, value: T): Attachment<T> {
  return { key: to, value };
}

/** What the rooms hung on one spine object. Immutable. */
export class Attachments {
  public static readonly NONE = new Attachments(new Map());

  public static of(list: readonly Attachment[]): Attachments {
    return list.length === 0 ? Attachments.NONE : new Attachments(new Map(list.map((entry) => [entry.key, entry.value])));
  }

  private constructor(private readonly entries: ReadonlyMap<Key<unknown>, unknown>) {}

  public get<T>(of: Key<T>): T | undefined {
    return this.entries.get(of) as T | undefined;
  }

  /** Those of one reach. */
  public reaching(reach: Reach): Attachments {
    const kept = [...this.entries].filter(([one]) => one.reach === reach);
    return kept.length === this.entries.size ? this : kept.length === 0 ? Attachments.NONE : new Attachments(new Map(kept));
  }

  /** These, with `by`'s values where both have one. */
  public overriddenBy(by: Attachments): Attachments {
    return by.entries.size === 0 ? this : new Attachments(new Map([...this.entries, ...by.entries]));
  }
}
