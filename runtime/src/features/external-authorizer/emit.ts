import type { Filter, HttpFilter, MetadataMatcher, RBAC } from '../../envoy';
import { RBAC_Action, any } from '../../envoy';
import { compare } from '../../model/host';
import type { Emitter, GuardContext } from '../emitter';
import type { RbacContext } from '../rbac-policy';
import { emitRbacPolicies } from '../rbac-policy';
import { doubtsOfAuthorizers } from './emit-doubts';
import { emitConnectionQuestions, emitRequestQuestions } from './emit-questions';
import type { ExternalAccess, FoundAuthorizer } from './model';
import { externalAccess, foundAuthorizer } from './model';

const HTTP_RBAC = 'envoy.filters.http.rbac';
const NETWORK_RBAC = 'envoy.filters.network.rbac';
/** By it the filter that asks knows from the filter before it whether a rule holds. */
const SHADOW_PREFIX = 'istio_ext_authz_';
const TCP_PREFIX = 'tcp.';

/** What policies with one provider come to. */
interface Asked {
  readonly provider: string;
  readonly rules: ExternalAccess['rules'];
  readonly found?: FoundAuthorizer;
}

/**
 * Two filters for each provider, as pilot/pkg/security/authz/builder has them: one finds out which rules hold, without any consequence, and writes
 * it down; the other asks if there are any. Where nobody can be asked, one that denies stands in their place.
 */
export const externalAuthorizerEmitter: Emitter = {
  doubts: doubtsOfAuthorizers,

  httpFilters: (context): HttpFilter[] => askedOf(context).flatMap((asked) => {
    const { rules, refused } = emitRules(asked, context, 'http');
    const rbac = { name: HTTP_RBAC, typedConfig: any('HttpRBAC', refused ? { rules } : { shadowRules: rules, shadowRulesStatPrefix: SHADOW_PREFIX }) };
    return asked.found && !refused ? [rbac, emitRequestQuestions(asked.found, metadataOf(HTTP_RBAC, asked))] : [rbac];
  }),

  connectionFilters: (context): Filter[] => askedOf(context).flatMap((asked) => {
    const { rules, refused } = emitRules(asked, context, 'bytes');
    if (asked.found?.authorizer.http && !refused) {
      // It can be asked about requests only, as in Istio. Where it may not be asked at all, connections are denied too.
      return [];
    }
    const rbac = {
      name: NETWORK_RBAC,
      typedConfig: any('NetworkRBAC', { ...(refused ? { rules } : { shadowRules: rules, shadowRulesStatPrefix: SHADOW_PREFIX }), statPrefix: TCP_PREFIX }),
    };
    return asked.found && !refused ? [rbac, emitConnectionQuestions(asked.found, metadataOf(NETWORK_RBAC, asked))] : [rbac];
  }),
};

function askedOf({ policies }: GuardContext): Asked[] {
  const byProvider = new Map<string, Asked>();
  for (const { features } of policies) {
    const custom = features.get(externalAccess);
    if (custom) {
      const before = byProvider.get(custom.provider);
      byProvider.set(custom.provider, { provider: custom.provider, rules: [...before?.rules ?? [], ...custom.rules], found: features.get(foundAuthorizer) });
    }
  }
  return [...byProvider.values()].sort((a, b) => compare(a.provider, b.provider));
}

/** Several providers on one workload are refused unless the operator has said that they are meant. */
function emitRules({ provider, rules, found }: Asked, context: GuardContext, carries: RbacContext['carries']): { rules: RBAC; refused: boolean } {
  const { settings } = context;
  const refused = !found || (askedOf(context).length > 1 && !settings.switches.severalAuthorizers);
  const named = rules.map((rule) => ({ ...rule, name: `${prefixOf(provider)}-${rule.name}${refused ? '-deny-due-to-bad-CUSTOM-action' : ''}` }));
  return { rules: { action: RBAC_Action.DENY, policies: emitRbacPolicies(named, { action: 'CUSTOM', settings, carries }) }, refused };
}

function prefixOf(provider: string): string {
  return provider ? `istio-ext-authz-${provider}` : 'istio-ext-authz';
}

/** What the filter before has written down, if a rule of the provider holds: one of `a`, not of `a-b`. */
function metadataOf(filter: string, { provider }: Asked): MetadataMatcher {
  return { filter, path: [{ key: `${SHADOW_PREFIX}shadow_effective_policy_id` }], value: { stringMatch: { prefix: `${prefixOf(provider)}-ns[` } } };
}
