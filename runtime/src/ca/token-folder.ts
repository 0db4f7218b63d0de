import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Identity } from '../model/identity';
import { isIdentity } from './spiffe';

/** A workload that somebody has let in. */
export interface Invitation {
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const HASH = /^[0-9a-f]{64}$/;

/** What is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Invitations in a folder, for machines to which nobody else vouches: whoever may write there lets them in, by a command in the place of a
 * running process. The folder holds hashes only, from which no token can be made.
 */
export class TokenFolder {
  private readonly folder: string;

  /** @param authority the folder of the authority */
  constructor(authority: string) {
    this.folder = join(authority, 'tokens');
  }

  /** A new token for a workload of that identity. */
  invite(identity: Identity, lifetime: number): string {
    const token = randomBytes(32).toString('base64url');
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.removeExpired();
    const path = join(this.folder, tokenHash(token));
    writeFileSync(`${path}.new`, JSON.stringify({ identity, expiresAt: Date.now() + lifetime } satisfies Invitation), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return token;
  }

  /** Uses an invitation up: of several that try, in several processes, one gets it. */
  take(hash: string): Invitation | undefined {
    const path = join(this.folder, hash);
    const taken = `${path}.${randomBytes(8).toString('hex')}`;
    try {
      renameSync(path, taken);
    } catch {
      return undefined;
    }
    const invitation = read(taken);
    rmSync(taken, { force: true });
    return invitation;
  }

  private removeExpired(): void {
    for (const name of readdirSync(this.folder).filter((one) => HASH.test(one))) {
      const path = join(this.folder, name);
      const invitation = read(path);
      if (!invitation || invitation.expiresAt <= Date.now()) rmSync(path, { force: true });
    }
  }
}

function read(path: string): Invitation | undefined {
  try {
    const { identity: { namespace, serviceAccount }, expiresAt } = JSON.parse(readFileSync(path, 'utf8')) as Invitation;
    const identity = { namespace: String(namespace), serviceAccount: String(serviceAccount) };
    return isIdentity(identity) && Number.isFinite(expiresAt) ? { identity, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}
