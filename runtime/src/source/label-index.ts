type Labels = Readonly<Record<string, string>>;

const pair = (namespace: string, name: string, value: string): string => `${namespace}\n${name}=${value}`;

class Buckets {
  private readonly keys = new Map<string, Set<string>>();

  public add(bucket: string, key: string): void {
    const set = this.keys.get(bucket);
    if (set) set.add(key);
    else this.keys.set(bucket, new Set([key]));
  }

  public remove(bucket: string, key: string): void {
    const set = this.keys.get(bucket);
    if (set?.delete(key) && set.size === 0) this.keys.delete(bucket);
  }

  public get(bucket: string): ReadonlySet<string> {
    return this.keys.get(bucket) ?? NOTHING;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** Labelled objects, found by selector without looking at all of them. */
export class LabelIndex {
  private readonly buckets = new Buckets();
  private readonly objects = new Map<string, { readonly namespace: string; readonly labels: Labels }>();

  public set(key: string, namespace: string, labels: Labels): void {
    this.delete(key);
    this.objects.set(key, { namespace, labels });
    for (const [name, value] of Object.entries(labels)) this.buckets.add(pair(namespace, name, value), key);
  }

  public delete(key: string): void {
    const object = this.objects.get(key);
    if (!object) return;
    this.objects.delete(key);
    for (const [name, value] of Object.entries(object.labels)) this.buckets.remove(pair(object.namespace, name, value), key);
  }

  /** Keys of the objects that have all these labels, in order. */
  public select(namespace: string, selector: Labels): string[] {
    const sets = Object.entries(selector).map(([name, value]) => this.buckets.get(pair(namespace, name, value)));
    if (sets.length === 0) return [];
    const [smallest, ...others] = sets.sort((a, b) => a.size - b.size);
    return [...smallest].filter((key) => others.every((set) => set.has(key))).sort();
  }
}

/** Selectors, found by the labels of an object that they may select. */
export class SelectorIndex {
  private readonly buckets = new Buckets();
  private readonly selectors = new Map<string, { readonly bucket: string; readonly selector: Labels }>();

  public set(key: string, namespace: string, selector: Labels): void {
    this.delete(key);
    const [first] = Object.entries(selector);
    if (!first) return;
    const bucket = pair(namespace, first[0], first[1]);
    this.selectors.set(key, { bucket, selector });
    this.buckets.add(bucket, key);
  }

  public delete(key: string): void {
    const known = this.selectors.get(key);
    if (!known) return;
    this.selectors.delete(key);
    this.buckets.remove(known.bucket, key);
  }

  /** Keys of the selectors that an object with these labels satisfies. */
  public matching(namespace: string, labels: Labels): string[] {
    const found: string[] = [];
    for (const [name, value] of Object.entries(labels)) {
      for (const key of this.buckets.get(pair(namespace, name, value))) {
        const selector = this.selectors.get(key)?.selector ?? {};
        if (Object.entries(selector).every(([wanted, is]) => Object.hasOwn(labels, wanted) && labels[wanted] === is)) found.push(key);
      }
    }
    return found;
  }
}
