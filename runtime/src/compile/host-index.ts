import { covers, isWildcard, overlaps } from '../model/host';
import type { EgressHost } from '../model/listener';

/** Things with hosts, found by what a Sidecar lists, without a look at everything there is for every Sidecar. */
export class HostIndex<T extends { readonly namespace: string }> {
  private readonly byHost = new Map<string, T[]>();
  private readonly byNamespace = new Map<string, T[]>();
  private readonly withWildcards: T[] = [];
  private readonly positions = new Map<T, number>();

  public constructor(public readonly all: readonly T[], private readonly hostsOf: (one: T) => readonly string[]) {
    all.forEach((one, i) => {
      this.positions.set(one, i);
      append(this.byNamespace, one.namespace, one);
      const hosts = new Set(hostsOf(one));
      hosts.forEach((host) => append(this.byHost, host, one));
      if ([...hosts].some(isWildcard)) {
        this.withWildcards.push(one);
      }
    });
  }

  /** Those of which a host is in the list and not all are left out, and those that are called exactly so, in their own order. */
  public select(list: readonly EgressHost[], names: Iterable<string> = [], excluded: readonly EgressHost[] = []): T[] {
    const found = new Set(list.flatMap((one) => this.selectOne(one)).filter((one) => excluded.length === 0 || !this.isExcluded(one, excluded)));
    for (const name of names) {
      this.byHost.get(name)?.forEach((one) => found.add(one));
    }
    return [...found].sort((a, b) => (this.positions.get(a) ?? 0) - (this.positions.get(b) ?? 0));
  }

  private isExcluded(one: T, excluded: readonly EgressHost[]): boolean {
    const mine = excluded.filter(({ namespace }) => namespace === '*' || namespace === one.namespace);
    return mine.length > 0 && this.hostsOf(one).every((host) => mine.some((other) => covers(other.host, host)));
  }

  private selectOne({ namespace, host }: EgressHost): T[] {
    const pool = isWildcard(host)
      ? (namespace === '*' ? this.all : this.byNamespace.get(namespace) ?? [])
      : [...this.byHost.get(host) ?? [], ...this.withWildcards];
    return pool.filter((one) => (namespace === '*' || one.namespace === namespace) && this.hostsOf(one).some((other) => overlaps(host, other)));
  }
}

function append<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group) {
    group.push(item);
  } else {
    groups.set(key, [item]);
  }
}
