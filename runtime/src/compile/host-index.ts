import { covers, isWildcard, overlaps } from '../model/host';
import type { EgressHost } from '../model/listener';
import { append } from './groups';

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
    const found = new Set(list.flatMap((one) => this.selectOne(one)).filter((one) => !isExcluded(one.namespace, this.hostsOf(one), excluded)));
    for (const name of names) {
      this.byHost.get(name)?.forEach((one) => found.add(one));
    }
    return [...found].sort((a, b) => (this.positions.get(a) ?? 0) - (this.positions.get(b) ?? 0));
  }

  private selectOne(wanted: EgressHost): T[] {
    const { namespace, host } = wanted;
    const pool = isWildcard(host)
      ? (namespace === '*' ? this.all : this.byNamespace.get(namespace) ?? [])
      : [...this.byHost.get(host) ?? [], ...this.withWildcards];
    return pool.filter((one) => isNamed(one.namespace, this.hostsOf(one), wanted));
  }
}

/** Whether `HostIndex.select` finds something with these hosts: for those who look at single things. */
export function isSelected(namespace: string, hosts: readonly string[], { list, excluded }: { list: readonly EgressHost[]; excluded: readonly EgressHost[] }): boolean {
  return list.some((one) => isNamed(namespace, hosts, one)) && !isExcluded(namespace, hosts, excluded);
}

function isNamed(own: string, hosts: readonly string[], { namespace, host }: EgressHost): boolean {
  return (namespace === '*' || own === namespace) && hosts.some((other) => overlaps(host, other));
}

function isExcluded(own: string, hosts: readonly string[], excluded: readonly EgressHost[]): boolean {
  const mine = excluded.length === 0 ? excluded : excluded.filter(({ namespace }) => namespace === '*' || namespace === own);
  return mine.length > 0 && hosts.every((host) => mine.some((other) => covers(other.host, host)));
}
