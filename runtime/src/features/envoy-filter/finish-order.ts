import type { Problem } from '../../model/problem';
import type { Operation, Patch } from './model';

const RELATIVE: ReadonlySet<Operation> = new Set(['INSERT_BEFORE', 'INSERT_AFTER', 'REMOVE', 'REPLACE', 'MERGE', 'MERGE_AND_REPLACE_LIST']);
const PUTS: ReadonlySet<Operation> = new Set(['ADD', 'INSERT_BEFORE', 'INSERT_AFTER', 'INSERT_FIRST']);

/**
 * Patches that refer to a filter that another EnvoyFilter of the same priority puts there: which is made first depends on how old the two objects
 * are. IST0151 and IST0155 of `istioctl analyze` (pkg/config/analysis/analyzers/envoyfilter/envoyfilter.go) warn of every relative operation
 * without a priority, also of those that refer to Istio's own filters, which are always there before.
 */
export function undecidedOrder(patches: readonly Patch[]): readonly Problem[] {
  return patches.flatMap((patch): Problem[] => {
    const anchor = RELATIVE.has(patch.operation) ? anchorOf(patch) : undefined;
    const rival = anchor === undefined ? undefined : patches.find((other) => other.subject === patch.subject && other.priority === patch.priority
      && isAnother(patch, other) && PUTS.has(other.operation) && nameOf(other.value) === anchor && meet(patch, other));
    return rival === undefined ? [] : [{
      resource: patch.resource,
      path: `${patch.path}.patch.operation`,
      message: `${patch.operation} refers to ${anchor}, which EnvoyFilter ${rival.resource.namespace}/${rival.resource.name} puts there with the same priority ${patch.priority}, `
        + 'so that only the age of the two objects says which comes first: give this one a higher spec.priority',
      severity: 'warning',
    }];
  });
}

/** Those of the root namespace always come first. */
function isAnother({ resource: { namespace, name } }: Patch, { resource: other }: Patch): boolean {
  return namespace === other.namespace && name !== other.name;
}

function meet(a: Patch, b: Patch): boolean {
  return a.side === undefined || b.side === undefined || a.side === b.side;
}

/** The filter that a patch is relative to. */
function anchorOf({ subject, match: { listener } }: Patch): string | undefined {
  switch (subject) {
    case 'HTTP_FILTER':
      return listener?.filterChain?.subFilter;
    case 'NETWORK_FILTER':
      return listener?.filterChain?.filter;
    case 'LISTENER_FILTER':
      return listener?.listenerFilter;
    default:
      return undefined;
  }
}

function nameOf(value: unknown): string | undefined {
  const name = (value as { readonly name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}
