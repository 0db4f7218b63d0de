import type { Filter, HttpFilter, RBAC } from '../../envoy';
import { RBAC_Action, any } from '../../envoy';
import type { AppliedPolicies } from '../../model/workload-policy';
import type { Emitter, GuardContext } from '../emitter';
import type { RbacContext } from '../rbac-policy';
import { emitRbacPolicies } from '../rbac-policy';
import { doubtsOfRules } from './emit-doubts';
import type { Access } from './model';
import { access } from './model';

const ACTIONS = { AUDIT: RBAC_Action.LOG, DENY: RBAC_Action.DENY, ALLOW: RBAC_Action.ALLOW } as const;
/** A denial goes before whatever allows, and an audit sees what is denied too; pilot/pkg/security/authz/builder/builder.go. */
const ORDER: readonly Access['action'][] = ['AUDIT', 'DENY', 'ALLOW'];
/** Prefixes of statistics and of metadata by which one sees what a policy on trial would have done. */
const TRIAL_PREFIXES = { AUDIT: undefined, DENY: 'istio_dry_run_deny_', ALLOW: 'istio_dry_run_allow_' } as const;
const TCP_PREFIX = 'tcp.';

interface Rules {
  readonly rules?: RBAC;
  readonly shadowRules?: RBAC;
  readonly shadowRulesStatPrefix?: string;
}

export const accessEmitter: Emitter = {
  doubts: doubtsOfRules,
  httpFilters: (context): HttpFilter[] => emitRules(context, 'http').map((rules) => ({ name: 'envoy.filters.http.rbac', typedConfig: any('HttpRBAC', rules) })),
  connectionFilters: (context): Filter[] => emitRules(context, 'bytes').map((rules) => ({
    name: 'envoy.filters.network.rbac', typedConfig: any('NetworkRBAC', { ...rules, statPrefix: TCP_PREFIX }),
  })),
};

/** One filter for every action that some policy has. */
function emitRules({ policies, settings }: GuardContext, carries: RbacContext['carries']): Rules[] {
  return ORDER.flatMap((action) => {
    const found = accessesOf(policies).filter((one) => one.action === action);
    const [inForce, onTrial] = [found.filter((one) => !one.dryRun), found.filter((one) => one.dryRun)];
    const emit = (some: readonly Access[]): RBAC => ({
      action: ACTIONS[action],
      // Where there are policies that allow, and none of their rules can hold, nothing is allowed: an empty list says so.
      policies: emitRbacPolicies(some.flatMap(({ rules }) => rules), { action, settings, carries }),
    });
    return found.length === 0 ? [] : [{
      ...(inForce.length > 0 && { rules: emit(inForce) }),
      ...(onTrial.length > 0 && { shadowRules: emit(onTrial), shadowRulesStatPrefix: TRIAL_PREFIXES[action] }),
    }];
  });
}

function accessesOf(policies: AppliedPolicies): Access[] {
  return policies.flatMap(({ features }) => features.get(access) ?? []);
}
