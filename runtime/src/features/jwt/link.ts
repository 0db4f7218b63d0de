import { attach } from '../../model/attachment';
import type { KeySet, KeySource } from '../../model/key-set';
import type { MeshSettings } from '../../model/mesh';
import type { Place } from '../../model/place';
import type { Found, FoundCluster, Linker, Reference } from '../linker';
import type { TokenKeys, TokenRule } from './model';
import { tokenKeys, tokenRules } from './model';

/** Finds the keys of the rules: who fetches them is up to `PILOT_JWT_ENABLE_REMOTE_JWKS` (pilot/pkg/security/authn/policy_applier.go). */
export const jwtLinker: Linker = {
  refers: (policy, settings) => policy.features.get(tokenRules)?.flatMap((rule) => referencesOf(rule, settings)),

  link(policy, found, { settings, place }) {
    const rules = policy.features.get(tokenRules);
    const rest = [...found];
    const keys = rules?.map((rule) => linkRule(rule, rest.splice(0, referencesOf(rule, settings).length), place));
    return keys ? [attach(tokenKeys, keys)] : [];
  },
};

function sourceOf({ keys }: TokenRule): KeySource | undefined {
  return keys !== 'unreadable' && 'uri' in keys ? keys : undefined;
}

function referencesOf(rule: TokenRule, { switches: { remoteKeys } }: MeshSettings): Reference[] {
  const source = sourceOf(rule);
  if (!source) {
    return [];
  }
  const byControl: Reference = { kind: 'keys', source };
  const byProxy = source.uri ? [{ kind: 'cluster' as const, ...serverOf(source.uri) }] : [];
  switch (remoteKeys) {
    case 'control':
      return [byControl];
    case 'hybrid':
      return [...byProxy, byControl];
    case 'proxy':
      return byProxy.length > 0 ? byProxy : [byControl];
  }
}

function serverOf(uri: string): { service: string; port: number } {
  const { hostname, port, protocol } = new URL(uri);
  return { service: hostname, port: port ? Number(port) : protocol === 'https:' ? 443 : 80 };
}

/** Keys that nobody has refuse every token: there must be none that passes because nobody could look at it. */
function linkRule(rule: TokenRule, found: readonly Found[], place: Place): TokenKeys {
  const source = sourceOf(rule);
  if (!source) {
    return 'none';
  }
  const server = found.find((one): one is FoundCluster => one !== undefined && 'host' in one);
  if (server?.cluster !== undefined) {
    return { uri: source.uri, cluster: server.cluster, timeout: source.timeout };
  }
  const set = found.find((one): one is KeySet => one !== undefined && !('host' in one));
  const at = atRule(place, rule).at(source.uri ? 'jwksUri' : 'issuer');
  if (set?.fault !== undefined) {
    const last = set.jwks === undefined ? 'no token of the rule is accepted' : 'the keys that were there before are used';
    at.problem(`the keys cannot be fetched: ${set.fault}; ${last}`, set.jwks === undefined ? 'error' : 'warning');
  } else if (found.every((one) => one === server) && server?.fault !== undefined) {
    at.problem(`proxies are to fetch the keys (PILOT_JWT_ENABLE_REMOTE_JWKS), but ${server.fault}; no token of the rule is accepted`);
  }
  return set?.jwks === undefined ? 'none' : { jwks: set.jwks };
}

/** `spec.jwtRules[1]`, from the top of the object. */
function atRule(place: Place, { path }: TokenRule): Place {
  return path.split(/[.[\]]+/).filter((step) => step !== '').reduce((at, step) => at.at(/^\d+$/.test(step) ? Number(step) : step), place);
}
