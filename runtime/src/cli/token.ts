import { existsSync } from 'node:fs';

import { isIdentity, readDuration, TokenFolder } from '../ca';
import { Failure } from './failure';

interface TokenOptions {
  readonly ca: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly ttl: string;
}

/** Prints a token by which one workload outside of Kubernetes, such as a virtual machine, gets its first certificate from `mesh control`. */
export function token({ ca, namespace, serviceAccount, ttl }: TokenOptions): number {
  const identity = { namespace, serviceAccount };
  if (!isIdentity(identity)) throw new Failure(`${namespace}/${serviceAccount} cannot be an identity: names are letters, digits, dots, '-' and '_'`);
  if (!existsSync(ca)) throw new Failure(`there is no folder ${ca}: give the one that mesh control was given with --ca`);
  process.stdout.write(`${new TokenFolder(ca).invite(identity, lifetimeOf(ttl))}\n`);
  return 0;
}

/** Milliseconds that a token lasts. */
export function lifetimeOf(text: string): number {
  try {
    return readDuration('--ttl', text);
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}
