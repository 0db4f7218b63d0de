import type { HttpFilter, JwtAuthentication, JwtProvider, JwtRequirement } from '../../envoy';
import { any, duration } from '../../envoy';
import { compare } from '../../model/host';
import { NOBODYS_KEY } from '../../model/json-web-key';
import type { AppliedPolicies } from '../../model/workload-policy';
import { JWT_FILTER, JWT_PAYLOAD } from '../claim';
import type { Emitter } from '../emitter';
import type { TokenKeys, TokenRule } from './model';
import { tokenKeys, tokenRules } from './model';

/** For how long Envoy keeps keys that it fetched itself, in milliseconds; as Istio has it. */
const CACHE_FOR = 300_000;

/** Lists of words in OAuth's tokens, whatever a rule names besides. */
const WORD_LISTS = ['permission', 'scope'];

interface LinkedRule {
  readonly rule: TokenRule;
  readonly keys: TokenKeys;
}

export const jwtEmitter: Emitter = {
  httpFilters({ side, settings, policies }): readonly HttpFilter[] {
    const rules = rulesOf(policies, settings.rootNamespace);
    return rules.length === 0 ? [] : [{ name: JWT_FILTER, typedConfig: any('JwtAuthentication', emitRules(rules, side === 'edge')) }];
  },
};

/** Those of the workload's namespace first, then by issuer, as pilot/pkg/model/authentication.go and policy_applier.go collect them. */
function rulesOf(policies: AppliedPolicies, rootNamespace: string): LinkedRule[] {
  const ordered = [...policies.filter((one) => one.namespace !== rootNamespace), ...policies.filter((one) => one.namespace === rootNamespace)];
  return ordered.flatMap(({ features }) => {
    const keys = features.get(tokenKeys);
    return (features.get(tokenRules) ?? []).map((rule, i): LinkedRule => ({ rule, keys: written(rule) ?? keys?.[i] ?? 'none' }));
  }).sort((a, b) => compare(a.rule.issuer, b.rule.issuer));
}

function written({ keys }: TokenRule): TokenKeys | undefined {
  return keys !== 'unreadable' && 'jwks' in keys ? keys : undefined;
}

/** @param reroutes where claims decide on routes, the route is chosen again once the token is verified */
function emitRules(rules: readonly LinkedRule[], reroutes: boolean): JwtAuthentication {
  const names = rules.map((_rule, i) => `origins-${i}`);
  return {
    providers: Object.fromEntries(rules.map((rule, i) => [names[i], emitProvider(rule, reroutes)])),
    rules: [{ match: { prefix: '/' }, requires: emitRequirement(names) }],
    bypassCorsPreflight: true,
  };
}

/**
 * A token must be good, but need not be there. Of several issuers' rules one must be content, or each of them must be content or find nothing:
 * where rules look in one place, a token of one issuer is a bad one to all others.
 */
function emitRequirement(names: readonly string[]): JwtRequirement {
  const each = names.map((providerName): JwtRequirement => ({ requiresAny: { requirements: [{ providerName }, { allowMissing: {} }] } }));
  if (each.length === 1) {
    return each[0];
  }
  const any = names.map((providerName): JwtRequirement => ({ providerName }));
  return { requiresAny: { requirements: [...any, { requiresAll: { requirements: each } }] } };
}

function emitProvider({ rule, keys }: LinkedRule, reroutes: boolean): JwtProvider {
  return {
    ...(rule.issuer && { issuer: rule.issuer }),
    ...(rule.audiences.length > 0 && { audiences: rule.audiences }),
    ...emitKeys(keys),
    ...(rule.forward && { forward: true }),
    ...(rule.headers.length > 0 && { fromHeaders: rule.headers.map(({ name, prefix }) => ({ name, ...(prefix && { valuePrefix: prefix }) })) }),
    ...(rule.params.length > 0 && { fromParams: rule.params }),
    ...(rule.cookies.length > 0 && { fromCookies: rule.cookies }),
    ...(rule.payloadHeader && { forwardPayloadHeader: rule.payloadHeader }),
    ...(rule.claimHeaders.length > 0 && { claimToHeaders: rule.claimHeaders.map(({ claim, header }) => ({ claimName: claim, headerName: header })) }),
    payloadInMetadata: JWT_PAYLOAD,
    normalizePayloadInMetadata: { spaceDelimitedClaims: [...new Set([...rule.wordLists, ...WORD_LISTS])].sort(compare) },
    ...(reroutes && { clearRouteCache: true }),
  };
}

function emitKeys(keys: TokenKeys): JwtProvider {
  if (keys !== 'none' && 'uri' in keys) {
    return { remoteJwks: { httpUri: { uri: keys.uri, cluster: keys.cluster, timeout: duration(keys.timeout) }, cacheDuration: duration(CACHE_FOR) } };
  }
  return { localJwks: { inlineString: keys === 'none' ? NOBODYS_KEY : keys.jwks } };
}
