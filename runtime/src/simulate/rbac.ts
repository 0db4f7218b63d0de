import type { HttpRBAC, NetworkRBAC, Policy, RBAC } from '../envoy';
import { RBAC_Action } from '../envoy';
import type { AccessDecision } from './access-decision';
import { modelled } from './modelled';
import { identifies, permits } from './rbac-match';
import type { Visitor } from './visitor';

/** What a filter decides for a visitor, whether of requests or of connections; https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter */
export function decideAccess(filter: HttpRBAC | NetworkRBAC, visitor: Visitor): AccessDecision {
  const { rules, shadowRules, shadowRulesStatPrefix = '' } = modelled(filter, 'RBAC', {
    decides: ['rules', 'shadowRules', 'shadowRulesStatPrefix'],
    ignored: ['statPrefix', 'rulesStatPrefix'] as unknown as readonly (keyof (HttpRBAC | NetworkRBAC))[],
  });
  const decided = rules ? decide(rules, visitor) : { allowed: true };
  return { ...decided, ...(shadowRules && { shadow: { prefix: shadowRulesStatPrefix, ...decide(shadowRules, visitor) } }) };
}

function decide(rbac: RBAC, visitor: Visitor): Pick<AccessDecision, 'allowed' | 'policy'> {
  const { action = RBAC_Action.ALLOW, policies = {} } = modelled(rbac, 'RBAC', { decides: ['action', 'policies'] });
  // Envoy asks policies in the order of their names.
  const policy = Object.keys(policies).sort().find((name) => holds(policies[name], visitor));
  const matched = policy !== undefined;
  return { allowed: action === RBAC_Action.LOG || (action === RBAC_Action.ALLOW) === matched, ...(matched && { policy }) };
}

function holds(policy: Policy, visitor: Visitor): boolean {
  const { permissions = [], principals = [] } = modelled(policy, 'Policy', { decides: ['permissions', 'principals'] });
  return permissions.some((one) => permits(one, visitor)) && principals.some((one) => identifies(one, visitor));
}
