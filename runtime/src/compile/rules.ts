import type { DestinationRule, Subset } from '../model/cluster';
import { isWildcard, mostSpecific } from '../model/host';
import type { Service } from '../model/service';
import type { Labels } from '../model/workload';
import { selects, visibleTo } from '../model/workload';
import type { ObjectCache } from './cache';

/** Rules of one namespace by host. Several for one host are one: the oldest decides the policy, all give their subsets. */
interface NamespaceRules {
  readonly exact: Map<string, readonly DestinationRule[]>;
  readonly wildcard: Map<string, readonly DestinationRule[]>;
}

type MergedRules = ObjectCache<DestinationRule, DestinationRule>;

/** Finds the DestinationRule that holds for a client and a service. */
export class RuleIndex {
  private readonly byNamespace = new Map<string, NamespaceRules>();

  /** @param merged what several rules for one host were together before, so that it stays the same */
  public constructor(rules: readonly DestinationRule[], private readonly rootNamespace: string, merged: MergedRules) {
    for (const rule of rules) {
      const rulesHere = this.byNamespace.get(rule.namespace) ?? { exact: new Map(), wildcard: new Map() };
      const hosts = isWildcard(rule.host) ? rulesHere.wildcard : rulesHere.exact;
      const known = hosts.get(rule.host);
      hosts.set(rule.host, known ? addRule(known, rule, merged) : [rule]);
      this.byNamespace.set(rule.namespace, rulesHere);
    }
  }

  /** Looked up in the client's namespace, then the service's, then the root namespace, as Istio does. */
  public ruleFor(service: Service, client: { readonly namespace: string; readonly labels: Labels }): DestinationRule | undefined {
    for (const namespace of new Set([client.namespace, service.namespace, this.rootNamespace])) {
      const rule = findRule(this.byNamespace.get(namespace), service.host, (one) =>
        visibleTo(one.exportTo, client.namespace) && selectsClient(one, client));
      if (rule) {
        return rule;
      }
    }
    return undefined;
  }
}

function selectsClient(rule: DestinationRule, client: { readonly namespace: string; readonly labels: Labels }): boolean {
  return !rule.workloadSelector || (rule.namespace === client.namespace && selects(rule.workloadSelector, client.labels));
}

function findRule(
  rules: NamespaceRules | undefined, host: string, suits: (rule: DestinationRule) => boolean,
): DestinationRule | undefined {
  const exact = pick(rules?.exact.get(host) ?? [], suits);
  if (exact || !rules || rules.wildcard.size === 0) {
    return exact;
  }
  const suitable = new Map([...rules.wildcard].flatMap(([pattern, all]): [string, DestinationRule][] => {
    const found = pick(all, suits);
    return found ? [[pattern, found]] : [];
  }));
  const best = mostSpecific(suitable.keys(), host);
  return best === undefined ? undefined : suitable.get(best);
}

/** A rule that selects the client goes before one for everybody. */
function pick(rules: readonly DestinationRule[], suits: (rule: DestinationRule) => boolean): DestinationRule | undefined {
  const suitable = rules.filter(suits);
  return suitable.find((rule) => rule.workloadSelector) ?? suitable[0];
}

function addRule(known: readonly DestinationRule[], rule: DestinationRule, merged: MergedRules): readonly DestinationRule[] {
  const i = known.findIndex((one) => one.workloadSelector === undefined && rule.workloadSelector === undefined);
  return i < 0 ? [...known, rule] : known.map((one, j) => (j === i ? merged.get(one, [rule], () => merge(one, rule)) : one));
}

function merge(older: DestinationRule, younger: DestinationRule): DestinationRule {
  const names = new Set(older.subsets.map((subset: Subset) => subset.name));
  return { ...older, subsets: [...older.subsets, ...younger.subsets.filter((subset) => !names.has(subset.name))] };
}
