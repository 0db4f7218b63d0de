import type { Identity } from '../model/identity';
import type { Authenticator, Caller, Credentials } from './authenticator';
import { tokenHash, type Invitation, type TokenFolder } from './token-folder';

/** How long a token may be used: whoever gets one from a running process asks at once. */
const JOIN_TOKEN_MS = 5 * 60_000;
const MOST_TOKENS = 100_000;

/**
 * Tokens that somebody trusted has given to one workload each, for its first certificate. A token counts once, and only its hash is kept:
 * neither the memory of this process nor a log holds one.
 */
export class JoinTokens implements Authenticator {
  readonly name = 'join token';
  private readonly invitations = new Map<string, Invitation>();

  /** @param folder where others put invitations. @default none does */
  constructor(private readonly folder?: TokenFolder) {}

  add(token: string, identity: Identity, lifetime = JOIN_TOKEN_MS): void {
    this.forgetExpired();
    if (this.invitations.size >= MOST_TOKENS) throw new Error(`${MOST_TOKENS} join tokens wait for their use, which is the limit`);
    this.invitations.set(tokenHash(token), { identity, expiresAt: Date.now() + lifetime });
  }

  authenticate({ token }: Credentials): Promise<Caller | string> {
    return Promise.resolve(token ? this.redeem(token) : 'no bearer token');
  }

  /** The token is used up whatever comes of it: whoever sends it twice is not the one it was for. */
  private redeem(token: string): Caller | string {
    const key = tokenHash(token);
    const invitation = this.invitations.get(key) ?? this.folder?.take(key);
    this.invitations.delete(key);
    if (!invitation) return 'the token is unknown or has been used';
    if (invitation.expiresAt <= Date.now()) return 'the token has expired';
    return { identity: invitation.identity, proof: this.name };
  }

  private forgetExpired(): void {
    const now = Date.now();
    for (const [key, { expiresAt }] of this.invitations) {
      // In the order in which they were given, which is nearly that of their ends.
      if (expiresAt > now) return;
      this.invitations.delete(key);
    }
  }
}
