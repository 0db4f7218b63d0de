import { compare } from '../../model/host';
import type { Proxy } from '../../model/proxy';
import { selects } from '../../model/workload';
import type { Patch, PatchSet } from './model';

/** The patches for a proxy, in the order in which they are made: those of the root namespace and of its own. */
export function patchesFor(sets: readonly PatchSet[], proxy: Proxy, rootNamespace: string): readonly Patch[] {
  return sets
    .filter((set) => (set.namespace === rootNamespace || set.namespace === proxy.namespace) && isSelected(set, proxy))
    .sort((a, b) => byTurn(a, b, rootNamespace))
    .flatMap((set) => set.patches.filter((patch) => suits(patch, proxy)));
}

function isSelected({ selectors }: PatchSet, { labels }: Proxy): boolean {
  return selectors === undefined || selectors.some((selector) => selects(selector, labels));
}

/** By priority, then those of the root namespace, then by age, then by name, as in Istio (pilot/pkg/model/push_context.go). */
function byTurn(a: PatchSet, b: PatchSet, root: string): number {
  return a.priority - b.priority
    || Number(b.namespace === root) - Number(a.namespace === root)
    || compare(a.created, b.created)
    || compare(`${a.resource.name}.${a.namespace}`, `${b.resource.name}.${b.namespace}`);
}

/** A proxy that does not tell its version suits no pattern. */
function suits({ proxy: { version, metadata } }: Patch, proxy: Proxy): boolean {
  const own = proxy.metadata.ISTIO_VERSION;
  return (version === undefined || (typeof own === 'string' && own !== '' && version(own)))
    && Object.entries(metadata).every(([name, value]) => proxy.metadata[name] === value);
}
