import type { Claim } from './claim';
import type { Header } from './header';
import type { IGateway, IMeshService, ServiceVersion } from './mesh-member';
import type { Path } from './path';
import type { When } from './when';

/** A service, one version of it (`reviews.version('v3')`, which needs `accountPerVersion`), or a gateway, each by its account. */
export type AccessCaller = IMeshService | ServiceVersion | IGateway;

/** Where a call comes from, by its connection alone. */
export interface AddressSource {
  /** Addresses or ranges of the connection's other end. Writes `ipBlocks`. @default any */
  readonly ipBlocks?: readonly string[];
  /** Addresses or ranges that it is not from. Writes `notIpBlocks`. @default none */
  readonly notIpBlocks?: readonly string[];
  /** Addresses or ranges of the client itself, as `x-forwarded-for` or the PROXY protocol say. Writes `remoteIpBlocks`. @default any */
  readonly remoteIpBlocks?: readonly string[];
  /** Addresses or ranges that the client is not from. Writes `notRemoteIpBlocks`. @default none */
  readonly notRemoteIpBlocks?: readonly string[];
}

/**
 * Who calls: everything that is given must hold, of each list one value. Texts may begin or end with `*`. All but addresses and users come
 * from the caller's certificate, so they take mutual TLS. Writes `rules[].from[].source`.
 */
export interface AccessSource extends AddressSource {
  /** Services, versions of them, and gateways. Writes `principals`. @default any */
  readonly services?: readonly AccessCaller[];
  /** Those that it is not. Writes `notPrincipals`. @default none */
  readonly notServices?: readonly AccessCaller[];
  /** Identities, `cluster.local/ns/shop/sa/web`. Writes `principals`. @default any */
  readonly principals?: readonly string[];
  /** Identities that it is not. Writes `notPrincipals`. @default none */
  readonly notPrincipals?: readonly string[];
  /** Namespaces. Writes `namespaces`. @default any */
  readonly namespaces?: readonly string[];
  /** Namespaces that it is not in. Writes `notNamespaces`. @default none */
  readonly notNamespaces?: readonly string[];
  /** Accounts of any trust domain, `shop/web`; cannot stand beside principals and namespaces. Writes `serviceAccounts`. @default any */
  readonly serviceAccounts?: readonly string[];
  /** Accounts that it is not. Writes `notServiceAccounts`. @default none */
  readonly notServiceAccounts?: readonly string[];
  /** Trust domains. Writes `trustDomains`. @default any */
  readonly trustDomains?: readonly string[];
  /** Trust domains that it is not of. Writes `notTrustDomains`. @default none */
  readonly notTrustDomains?: readonly string[];
  /** Users, `ISSUER/SUBJECT`, whose token a {@link JwtAuthentication} accepted. Writes `requestPrincipals`. @default any */
  readonly requestPrincipals?: readonly string[];
  /** Users that it is not; `*` for requests without a token. Writes `notRequestPrincipals`. @default none */
  readonly notRequestPrincipals?: readonly string[];
}

/** A path as policies can compare it. */
export type PolicyPath = Path<'exact' | 'prefix' | 'suffix' | 'template'>;

/** What is asked for: everything that is given must hold, of each list one value. Writes `rules[].to[].operation`. */
export interface AccessOperation {
  /** Methods, `GET`. gRPC always uses `POST`. Writes `methods`. @default any */
  readonly methods?: readonly string[];
  /** Methods that are not used. Writes `notMethods`. @default none */
  readonly notMethods?: readonly string[];
  /** The path, or several of which one must match. Writes `paths`. @default any */
  readonly path?: PolicyPath | readonly PolicyPath[];
  /** Paths that are not asked for. Writes `notPaths`. @default none */
  readonly notPath?: PolicyPath | readonly PolicyPath[];
  /** Hosts, as in the header `Host`, with whatever port. Writes `hosts`, each of them with and without `:*`. @default any */
  readonly hosts?: readonly string[];
  /** Hosts that are not asked for. Writes `notHosts`. @default none */
  readonly notHosts?: readonly string[];
  /**
   * Ports of the service, or of the pods where the policy is for a whole namespace. Writes `ports`, which are always those of the pods.
   * @default any; rules about requests leave ports out on which the mesh sees connections only
   */
  readonly ports?: readonly number[];
  /** Ports that are not used. Writes `notPorts`. @default none */
  readonly notPorts?: readonly number[];
}

/** Which calls a policy is about: from somebody, for something, under conditions; what is left out holds for all. Writes `rules[]`. */
export interface AccessRule extends AccessOperation {
  /** Who calls, one of them. @default anybody, with or without an identity */
  readonly from?: readonly (AccessCaller | AccessSource)[];
  /** Further conditions, all of which must hold. @default none */
  readonly when?: readonly (When | Header | Claim)[];
}

/** Which calls an authorizer is asked about. Istio asks before it knows who calls, so there is nothing to say about identities. */
export interface CustomRule extends AccessOperation {
  /** Addresses of callers, one of the entries. @default anybody */
  readonly from?: readonly AddressSource[];
  /** Further conditions, all of which must hold; none about identities and tokens. @default none */
  readonly when?: readonly (When | Header)[];
}
