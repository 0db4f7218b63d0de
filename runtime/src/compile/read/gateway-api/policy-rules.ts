import type { DestinationRule } from '../../../model/cluster';
import { InputCache } from '../../cache';

/**
 * Joins what BackendTLSPolicies say of one host: one may be for the whole Service and others for ports of it. Of DestinationRules for one host
 * only the oldest would count, and the other ports would be called in plain text. As Istio does it (backend_policies.go).
 */
export class PolicyRules {
  private readonly joined = new InputCache<DestinationRule>(2);

  /** @param rules those that hold first come first */
  public join(rules: readonly DestinationRule[]): DestinationRule[] {
    const groups = new Map<string, DestinationRule[]>();
    for (const rule of rules) {
      const key = `${rule.namespace}/${rule.host}`;
      groups.set(key, [...groups.get(key) ?? [], rule]);
    }
    return [...groups].map(([key, group]) => (group.length === 1 ? group[0] : this.joined.get(key, group, () => group.reduce(together))));
  }
}

function together(first: DestinationRule, other: DestinationRule): DestinationRule {
  const { settings, ports } = first.policy;
  return { ...first, policy: { settings: other.policy.settings.overriddenBy(settings), ports: new Map([...other.policy.ports, ...ports]) } };
}
