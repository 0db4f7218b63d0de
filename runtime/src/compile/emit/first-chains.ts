import { cidrRange } from './address';
import type { Chain } from './connection-routes';

/**
 * Of chains for the very same connections the first one has them: Envoy refuses a listener in which two match the same. That is so for each
 * name and each range by itself, for a chain is for all of its names at all of its ranges. What has none of its own left is left out.
 */
export function firstChains(chains: readonly Chain[]): Chain[] {
  const taken = new Set<string>();
  return chains.flatMap((chain) => {
    const parts = new Map<string, { names: string[]; cidrs: string[] }>();
    for (const name of orNone(chain.sniHosts)) {
      const cidrs = orNone(chain.cidrs).filter((cidr) => isFirst(taken, JSON.stringify([chain.http ?? false, name === '*' ? NONE : name, networkOf(cidr)])));
      const part = parts.get(cidrs.join()) ?? { names: [], cidrs };
      parts.set(cidrs.join(), part);
      part.names.push(name);
    }
    return [...parts.values()].filter(({ cidrs }) => cidrs.length > 0)
      .map(({ names, cidrs }) => ({ ...chain, sniHosts: names.filter((one) => one !== NONE), cidrs: cidrs.filter((one) => one !== NONE) }));
  });
}

/** Stands for every name, and for every address. */
const NONE = '';

function orNone(list: readonly string[]): readonly string[] {
  return list.length > 0 ? list : [NONE];
}

function isFirst(taken: Set<string>, key: string): boolean {
  return !taken.has(key) && taken.add(key).size > 0;
}

/** Bits beyond the prefix make no difference. */
function networkOf(cidr: string): string {
  const range = cidrRange(cidr);
  return range ? `${range.addressPrefix}/${range.prefixLen?.value}` : NONE;
}
