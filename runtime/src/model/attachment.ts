/** Names one room's data on a spine object. The spine never learns which rooms exist; `T` is the type of the data. */
export interface Key<T> {
  readonly name: string;
  /** Never set: carries the type only. */
  readonly type?: T;
}

export interface Attachment<T = unknown> {
  readonly key: Key<T>;
  readonly value: T;
}

export function key<T>(name: string): Key<T> {
  return { name };
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

  /** These, with `by`'s values where both have one. */
  public overriddenBy(by: Attachments): Attachments {
    return by.entries.size === 0 ? this : new Attachments(new Map([...this.entries, ...by.entries]));
  }
}
