import { bySpecificity, covers, isWildcard, overlaps } from '../model/host';
import type { VirtualService } from '../model/route';
import { sameItems } from './cache';
import { append } from './groups';
import { changeOf } from './list-change';

interface WildcardRule {
  readonly pattern: string;
  readonly rule: VirtualService;
}

/** What is known of hosts. */
interface Known {
  readonly exact: ReadonlyMap<string, readonly VirtualService[]>;
  /** The most specific first. */
  readonly wildcards: readonly WildcardRule[];
}

const NOBODY: readonly VirtualService[] = [];
/** Hosts that may be kept beside all others before they are put together again. */
const MAX_EDITED = 100;

/** VirtualServices by the hosts that they are for. Looked into for every host of the mesh, so nothing here goes through all of them. */
export class HostRules {
  private positions: ReadonlyMap<VirtualService, number> | undefined;

  /** @param all in the order in which they go before each other */
  public static of(all: readonly VirtualService[]): HostRules {
    return new HostRules(all, knownOf(all), new Map());
  }

  /** @param edited goes before what else is known of a host */
  private constructor(public readonly all: readonly VirtualService[], private readonly known: Known, private readonly edited: Known['exact']) {}

  /** What `of` makes of the rules. Where edited rules are for the hosts that they were for before, that costs no look at the others. */
  public followedBy(all: readonly VirtualService[]): HostRules {
    const { gone, come } = changeOf(this.all, all);
    const alike = gone.length === come.length && gone.length <= MAX_EDITED && gone.every((one, i) => sameItems(one.hosts, come[i].hosts) && !one.hosts.some(isWildcard));
    if (!alike) {
      return HostRules.of(all);
    }
    const successors = new Map(gone.map((one, i) => [one, come[i]]));
    const edited = new Map(this.edited);
    come.flatMap((rule) => rule.hosts).forEach((host) => edited.set(host, this.named(host)?.map((one) => successors.get(one) ?? one) ?? NOBODY));
    return edited.size > MAX_EDITED ? HostRules.of(all) : new HostRules(all, this.known, edited);
  }

  /** All that are for a host, those that name it exactly first. */
  public for(host: string): readonly VirtualService[] {
    if (isWildcard(host)) {
      return this.all.filter((one) => one.hosts.some((other) => overlaps(other, host)));
    }
    const exact = this.named(host) ?? NOBODY;
    if (this.known.wildcards.length === 0) {
      return exact;
    }
    const matching = this.known.wildcards.filter((one) => covers(one.pattern, host)).map((one) => one.rule);
    return [...new Set([...exact, ...this.inOrder(new Set(matching))])];
  }

  /**
   * Whose HTTP rules may hold for a host, in this order: those that name it exactly, else the one with the most specific wildcard. The first
   * that has a route for the caller has it to itself; the others are not added, as in Istio.
   */
  public ownersOf(host: string): readonly VirtualService[] {
    const exact = this.named(host);
    if (exact) {
      return exact.every(hasHttp) ? exact : exact.filter(hasHttp);
    }
    const wildcard = this.known.wildcards.find((one) => covers(one.pattern, host))?.rule;
    return wildcard && hasHttp(wildcard) ? [wildcard] : NOBODY;
  }

  /** Who goes before others first. */
  public inOrder(rules: ReadonlySet<VirtualService>): readonly VirtualService[] {
    if (rules.size <= 1) {
      return [...rules];
    }
    if (rules.size > this.all.length / 8) {
      return this.all.filter((one) => rules.has(one));
    }
    const positions = this.positions ??= new Map(this.all.map((rule, i) => [rule, i]));
    const position = (rule: VirtualService): number => positions.get(rule) ?? 0;
    return [...rules].sort((a, b) => position(a) - position(b));
  }

  private named(host: string): readonly VirtualService[] | undefined {
    return this.edited.get(host) ?? this.known.exact.get(host);
  }
}

function knownOf(all: readonly VirtualService[]): Known {
  const exact = new Map<string, VirtualService[]>();
  const wildcards: WildcardRule[] = [];
  for (const rule of all) {
    for (const host of rule.hosts) {
      if (isWildcard(host)) {
        wildcards.push({ pattern: host, rule });
      } else if (exact.get(host)?.at(-1) !== rule) {
        append(exact, host, rule);
      }
    }
  }
  return { exact, wildcards: wildcards.sort((a, b) => bySpecificity(a.pattern, b.pattern)) };
}

function hasHttp(rule: VirtualService): boolean {
  return rule.http.length > 0;
}
