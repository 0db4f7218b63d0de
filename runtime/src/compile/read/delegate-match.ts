import type { VirtualServiceSpecHttpMatch, VirtualServiceStringMatch } from '../../../../imports/istio/virtual-service.types';

type Match = VirtualServiceSpecHttpMatch;

const STRINGS = ['uri', 'scheme', 'method', 'authority'] as const;
const NAMED = ['headers', 'withoutHeaders', 'queryParams'] as const;

/** What of a delegate's matches can be met together with those of the rule that delegates, and which of them cannot at all. */
export interface MergedMatches {
  readonly matches: readonly Match[];
  /** Index of a match of the delegate that lies within none of the root's: Istio then drops the whole rule. */
  readonly conflict?: number;
}

/**
 * Every match of a delegate narrows each match of its root that it does not contradict, as istiod merges them (pilot/pkg/model/virtualservice.go):
 * both conditions on one field must be such that the delegate's is seen to lie within the root's.
 */
export function mergeMatches(root: readonly Match[], delegate: readonly Match[]): MergedMatches {
  if (root.length === 0 || delegate.length === 0) {
    return { matches: root.length === 0 ? delegate : root };
  }
  const found = delegate.map((leaf) => root.filter((one) => !contradicts(one, leaf)).map((one) => mergeMatch(one, leaf)));
  const conflict = found.findIndex((merged) => merged.length === 0);
  return conflict < 0 ? { matches: found.flat() } : { matches: [], conflict };
}

function mergeMatch(root: Match, leaf: Match): Match {
  return {
    ...root,
    ...leaf,
    name: [root.name, leaf.name].filter((name) => name).join('-') || undefined,
    ...Object.fromEntries([...STRINGS, 'statPrefix' as const, 'port' as const, 'sourceNamespace' as const].map((field) => [field, leaf[field] || root[field]])),
    ...Object.fromEntries([...NAMED, 'sourceLabels' as const].map((field) => [field, { ...root[field], ...leaf[field] }])),
    gateways: leaf.gateways?.length ? leaf.gateways : root.gateways,
  };
}

function contradicts(root: Match, leaf: Match): boolean {
  return STRINGS.some((field) => stringContradicts(root[field], leaf[field]))
    || NAMED.some((field) => Object.entries(leaf[field] ?? {}).some(([name, match]) => stringContradicts(own(root[field], name), match)))
    || (root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false)
    || callerContradicts(root, leaf);
}

function callerContradicts(root: Match, leaf: Match): boolean {
  const gateways = root.gateways ?? [];
  return Boolean(root.port && leaf.port && root.port !== leaf.port)
    || Boolean(root.sourceNamespace && leaf.sourceNamespace !== root.sourceNamespace)
    || Object.entries(leaf.sourceLabels ?? {}).some(([name, value]) => (own(root.sourceLabels, name) ?? value) !== value)
    || (gateways.length > 0 && (leaf.gateways ?? []).some((gateway) => !gateways.includes(gateway)));
}

/** Patterns cannot be compared, so one on either side goes only with no condition on the other. */
function stringContradicts(root: VirtualServiceStringMatch | undefined, leaf: VirtualServiceStringMatch | undefined): boolean {
  if (!root || !leaf) {
    return false;
  }
  if (root.regex || leaf.regex) {
    return true;
  }
  if (root.exact) {
    return leaf.exact !== root.exact;
  }
  const within = leaf.prefix || leaf.exact;
  return !root.prefix || !within || !within.startsWith(root.prefix);
}

function own<T>(map: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}
