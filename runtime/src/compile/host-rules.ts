import { bySpecificity, covers, isWildcard, overlaps } from '../model/host';
import type { VirtualService } from '../model/route';

interface WildcardRule {
  readonly pattern: string;
  readonly rule: VirtualService;
}

const NOBODY: readonly VirtualService[] = [];

/** VirtualServices by the hosts that they are for. Looked into for every host of the mesh, so nothing here goes through all of them. */
export class HostRules {
  private readonly exact = new Map<string, VirtualService[]>();
  /** The most specific first. */
  private readonly wildcards: WildcardRule[] = [];
  private positions: ReadonlyMap<VirtualService, number> | undefined;

  /** @param all in the order in which they go before each other */
  public constructor(public readonly all: readonly VirtualService[]) {
    all.forEach((rule) => rule.hosts.forEach((host) => this.add(host, rule)));
    this.wildcards.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  }

  /** All that are for a host, those that name it exactly first. */
  public for(host: string): readonly VirtualService[] {
    if (isWildcard(host)) {
      return this.all.filter((one) => one.hosts.some((other) => overlaps(other, host)));
    }
    const exact = this.exact.get(host) ?? [];
    if (this.wildcards.length === 0) {
      return exact;
    }
    const matching = this.wildcards.filter((one) => covers(one.pattern, host)).map((one) => one.rule);
    return [...new Set([...exact, ...this.inOrder(matching)])];
  }

  /**
   * Whose HTTP rules may hold for a host, in this order: those that name it exactly, else the one with the most specific wildcard. The first
   * that has a route for the caller has it to itself; the others are not added, as in Istio.
   */
  public ownersOf(host: string): readonly VirtualService[] {
    const exact = this.exact.get(host);
    if (exact) {
      return exact.every(hasHttp) ? exact : exact.filter(hasHttp);
    }
    const wildcard = this.wildcards.find((one) => covers(one.pattern, host))?.rule;
    return wildcard && hasHttp(wildcard) ? [wildcard] : NOBODY;
  }

  /** Who goes before others first. */
  public inOrder(rules: Iterable<VirtualService>): VirtualService[] {
    const positions = this.positions ??= new Map(this.all.map((rule, i) => [rule, i]));
    const position = (rule: VirtualService): number => positions.get(rule) ?? 0;
    return [...rules].sort((a, b) => position(a) - position(b));
  }

  private add(host: string, rule: VirtualService): void {
    if (isWildcard(host)) {
      this.wildcards.push({ pattern: host, rule });
      return;
    }
    const known = this.exact.get(host);
    if (!known) {
      this.exact.set(host, [rule]);
    } else if (known.at(-1) !== rule) {
      known.push(rule);
    }
  }
}

function hasHttp(rule: VirtualService): boolean {
  return rule.http.length > 0;
}
