import type { DestinationRule } from '../../model/cluster';
import type { Gateway } from '../../model/listener';
import { MESH_GATEWAY } from '../../model/route';
import type { VirtualService } from '../../model/route';
import { byAge } from '../../model/service';
import { InputCache } from '../cache';

/** Istio's own objects and what others mean in their terms, oldest first. A list in which nothing changed is the same as before. */
export class JoinedLists {
  private readonly rules = new InputCache<readonly VirtualService[]>(2);
  private readonly policies = new InputCache<readonly DestinationRule[]>(2);
  private readonly edges = new InputCache<readonly Gateway[]>(2);

  /** Rules that a namespace has for its own clients come first: they replace those of the service itself. */
  public virtualServices(own: readonly VirtualService[], others: readonly VirtualService[]): readonly VirtualService[] {
    const rank = (one: VirtualService): number => (one.exportTo && one.gateways[0] === MESH_GATEWAY ? 0 : 1);
    return others.length === 0 ? own : this.rules.get('', [own, ...others], () => {
      const consumers = new Set(others.filter((one) => rank(one) === 0));
      return [...own, ...others].sort((a, b) => Number(consumers.has(b)) - Number(consumers.has(a)) || byAge(a, b));
    });
  }

  public destinationRules(own: readonly DestinationRule[], others: readonly DestinationRule[]): readonly DestinationRule[] {
    return others.length === 0 ? own : this.policies.get('', [own, ...others], () => [...own, ...others].sort(byAge));
  }

  public gateways(own: readonly Gateway[], others: readonly Gateway[]): readonly Gateway[] {
    return others.length === 0 ? own : this.edges.get('', [own, ...others], () => [...own, ...others].sort(byAge));
  }
}
