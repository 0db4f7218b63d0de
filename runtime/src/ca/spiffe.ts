import type { Identity } from '../model/identity';

/** An identity and the domain that vouches for it. */
export interface SpiffeId extends Identity {
  readonly trustDomain: string;
}

const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const LONGEST_SEGMENT = 253;
/** Letters, digits, dots, '-' and '_'; only dots are no name. */
const SEGMENT = /^(?!\.+$)[A-Za-z0-9._-]+$/;

/**
 * The parts of `spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT`; undefined for everything else, percent signs, queries and empty parts included
 * (https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md, section 2).
 */
export function parseSpiffeId(uri: string): SpiffeId | undefined {
  const [scheme, empty, trustDomain = '', ns, namespace = '', sa, serviceAccount = '', ...rest] = uri.split('/');
  if (scheme !== 'spiffe:' || empty !== '' || ns !== 'ns' || sa !== 'sa' || rest.length > 0) return undefined;
  return TRUST_DOMAIN.test(trustDomain) && isIdentity({ namespace, serviceAccount }) ? { trustDomain, namespace, serviceAccount } : undefined;
}

/** Whether both names may stand in a SPIFFE id. */
export function isIdentity({ namespace, serviceAccount }: Identity): boolean {
  return [namespace, serviceAccount].every((name) => SEGMENT.test(name) && name.length <= LONGEST_SEGMENT);
}
