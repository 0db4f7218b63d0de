import type { MeshSettings } from '../model/mesh';

type Trust = Pick<MeshSettings, 'trustDomain' | 'trustDomainAliases'>;

/** Stands for the mesh's own trust domain, whatever it is called. */
const OWN = 'cluster.local';
/** `domain/ns/namespace/sa/account` */
const PARTS = 5;

/**
 * What a principal of a policy stands for where the trust domain has aliases: the same account in all of them, as in Istio
 * (pilot/pkg/security/trustdomain/bundle.go). One without a trust domain, and one of a foreign domain, stands for itself.
 */
export function principalsOf(principal: string, trust: Trust): readonly string[] {
  const parts = principal.split('/');
  const domains = domainsOf(trust);
  const [domain] = parts;
  if (parts.length !== PARTS || domain === '*' || !(domain === OWN || domains.some((one) => isLike(one, domain)))) {
    return [principal];
  }
  const rest = parts.slice(1).join('/');
  return [...new Set(domains.map((one) => (endsLike(one, domain) ? principal : `${one}/${rest}`)))];
}

export function trustDomainsOf(domain: string, trust: Trust): readonly string[] {
  const domains = domainsOf(trust);
  return domains.includes(domain) ? domains : [domain];
}

function domainsOf({ trustDomain, trustDomainAliases }: Trust): readonly string[] {
  return [trustDomain, ...trustDomainAliases];
}

/** Both, the domain of a policy and an alias, may have a `*` at one end. */
function isLike(one: string, other: string): boolean {
  return one === other || [[one, other], [other, one]].some(([domain, pattern]) =>
    endsLike(domain, pattern) || (pattern.endsWith('*') && domain.startsWith(pattern.slice(0, -1))));
}

function endsLike(domain: string, pattern: string): boolean {
  return pattern.startsWith('*') && domain.endsWith(pattern.slice(1));
}
