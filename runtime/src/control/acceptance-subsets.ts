import { isDeepStrictEqual } from 'node:util';
import type { DestinationRuleSpec } from '../istio';
import { covers } from '../model/host';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import type { ResourceMap } from '../model/snapshot';
import { ruleHost, subsetNames } from './acceptance-hosts';

/** A subset that a route still names although no DestinationRule gives it any more. */
export interface OrphanedSubset {
  readonly host: string;
  readonly subset: string;
  /** The VirtualService whose route it is, as `namespace/name`. */
  readonly route: string;
}

export interface KeptRules {
  readonly rules: ReadonlyMap<string, Resource>;
  readonly problems: readonly Problem[];
}

/** Where a rule of before stands when its name has gone to a rule of another host. */
const BEFORE = '~before';
const BEFORES = /(~before)+$/;

/** The DestinationRules of now, together with what routes still need of those before. */
export function keepSubsets(now: ResourceMap, before: ResourceMap, orphans: readonly OrphanedSubset[]): KeptRules {
  const rules = new Map(now);
  const problems: Problem[] = [];
  const open = new Map(orphans.map((orphan) => [`${orphan.host}/${orphan.subset}`, orphan]));
  for (const [key, old] of before) {
    if (open.size === 0) break;
    const names = new Set(subsetNames(old));
    const kept = [...open.values()].filter(({ host, subset }) => names.has(subset) && covers(ruleHost(old), host));
    if (kept.length === 0) continue;
    for (const { host, subset } of kept) open.delete(`${host}/${subset}`);
    let name = key.replace(BEFORES, '');
    while (rules.has(name) && ruleHost(rules.get(name) as Resource) !== ruleHost(old)) name += BEFORE;
    const current = rules.get(name);
    rules.set(name, current ? joined(current, old, new Set(kept.map(({ subset }) => subset))) : old);
    problems.push(...kept.map((orphan) => problem(old, orphan)));
  }
  return { rules: rules.size === now.size ? rules : new Map([...rules].sort(([a], [b]) => (a < b ? -1 : 1))), problems };
}

function joined(current: Resource, old: Resource, kept: ReadonlySet<string>): Resource {
  const spec = current.spec as DestinationRuleSpec;
  const extra = ((old.spec as DestinationRuleSpec).subsets ?? []).filter(({ name }) => kept.has(name ?? ''));
  const rule = { ...current, spec: { ...spec, subsets: [...spec.subsets ?? [], ...extra] } };
  return isDeepStrictEqual(rule, old) ? old : rule;
}

function problem({ kind, metadata: { namespace, name } }: Resource, { subset, route }: OrphanedSubset): Problem {
  return {
    resource: { kind, namespace, name },
    path: 'spec.subsets',
    message: `subset ${subset} is kept as it was, because VirtualService ${route} still routes to it: change that route first`,
    severity: 'warning',
  };
}
