import type { KeySet, KeySource } from '../../model/key-set';
import { keySetName } from '../../model/key-set';

export interface KeyStoreOptions {
  /** @throws with a sentence for people */
  readonly fetch: (source: KeySource) => Promise<string>;
  /** Milliseconds from one look at keys to the next. */
  readonly refreshEvery: number;
  /** Some set is not what it was. */
  readonly onChange: () => void;
  readonly onFetched?: (source: KeySource, fault?: string) => void;
  /** @default a second; after each attempt in vain twice as long, up to `refreshEvery` */
  readonly retryAfter?: number;
}

interface Entry {
  readonly source: KeySource;
  set?: KeySet;
  fetchedAt: number;
  failures: number;
  timer?: NodeJS.Timeout;
}

/** Keys that could not be looked at for a week are not believed any more, as in Istio (pilot/pkg/model/jwks_resolver.go). */
const BELIEVED_FOR = 7 * 24 * 3_600_000;

/** The public keys of all issuers that policies name: fetched, looked at again and again, and kept when that comes to nothing. */
export class KeyStore {
  private readonly entries = new Map<string, Entry>();
  private readonly firsts = new Set<Promise<void>>();
  private list: readonly KeySet[] = [];
  private closed = false;

  public constructor(private readonly options: KeyStoreOptions) {}

  /** From now on exactly these. */
  public want(sources: readonly KeySource[]): void {
    const wanted = new Map(sources.map((source) => [keySetName(source), source]));
    for (const [name, entry] of this.entries) {
      if (!wanted.has(name)) {
        clearTimeout(entry.timer);
        this.entries.delete(name);
        this.relist();
      }
    }
    for (const [name, source] of wanted) {
      if (!this.entries.has(name)) {
        const entry: Entry = { source, fetchedAt: Date.now(), failures: 0 };
        this.entries.set(name, entry);
        const first = this.look(entry).finally(() => this.firsts.delete(first));
        this.firsts.add(first);
      }
    }
  }

  /** What is known. The same list as long as nothing of it changes. */
  public get sets(): readonly KeySet[] {
    return this.list;
  }

  /** Resolves when everything was looked at once, or after that time. */
  public async settled(timeout: number): Promise<void> {
    if (this.firsts.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => { timer = setTimeout(resolve, timeout); });
    await Promise.race([Promise.all(this.firsts), patience]);
    clearTimeout(timer);
  }

  public close(): void {
    this.closed = true;
    this.entries.forEach(({ timer }) => clearTimeout(timer));
    this.entries.clear();
  }

  private async look(entry: Entry): Promise<void> {
    const { source } = entry;
    const before = entry.set;
    const found = await this.options.fetch(source).then((jwks) => ({ jwks }), (error: Error) => ({ fault: error.message }));
    if (this.closed || this.entries.get(keySetName(source)) !== entry) return;
    const fault = 'fault' in found ? found.fault : undefined;
    this.options.onFetched?.(source, fault);
    if (fault === undefined) {
      entry.fetchedAt = Date.now();
      entry.failures = 0;
    } else {
      entry.failures++;
    }
    const jwks = 'jwks' in found ? found.jwks : Date.now() - entry.fetchedAt < BELIEVED_FOR ? before?.jwks : undefined;
    if (!before || before.jwks !== jwks || before.fault !== fault) {
      entry.set = { uri: source.uri, issuer: source.issuer, ...(jwks !== undefined && { jwks }), ...(fault !== undefined && { fault }) };
      this.relist();
      this.options.onChange();
    }
    this.schedule(entry);
  }

  private schedule(entry: Entry): void {
    const { refreshEvery, retryAfter = 1000 } = this.options;
    const delay = entry.failures === 0 ? refreshEvery : Math.min(retryAfter * 2 ** (entry.failures - 1), refreshEvery);
    entry.timer = setTimeout(() => void this.look(entry), delay);
    entry.timer.unref();
  }

  private relist(): void {
    this.list = [...this.entries.values()].flatMap(({ set }) => set ?? []);
  }
}
