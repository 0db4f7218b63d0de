import type { Identity } from '../model/identity';

/** What a caller shows. */
export interface Credentials {
  /** Of the header `authorization: Bearer …`. */
  readonly token?: string;
  /** DER of the client's certificate, which the TLS connection has found to be issued by a root that we trust, and whose key the client holds. */
  readonly certificate?: Uint8Array;
  /** Header `clusterid`: where the token is from. */
  readonly cluster?: string;
}

/** Who calls, and how that is known, for the log. */
export interface Caller {
  readonly identity: Identity;
  readonly proof: string;
}

/** Finds out who calls. */
export interface Authenticator {
  /** For the log. */
  readonly name: string;
  /** @returns the caller, or why it is not known, without any part of a token */
  authenticate(credentials: Credentials): Promise<Caller | string>;
}

export type Authentication = { readonly caller: Caller } | { readonly reasons: readonly string[] };

/** The first that knows the caller decides, as in istiod (pkg/security/security.go). */
export async function authenticate(authenticators: readonly Authenticator[], credentials: Credentials): Promise<Authentication> {
  const reasons: string[] = [];
  for (const authenticator of authenticators) {
    const found = await authenticator.authenticate(credentials).catch((error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`);
    if (typeof found !== 'string') return { caller: found };
    reasons.push(`${authenticator.name}: ${found}`);
  }
  return { reasons };
}
