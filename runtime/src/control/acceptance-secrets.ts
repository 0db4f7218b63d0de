import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { resourcesOf } from '../model/snapshot';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { secretFault } from './secret-fault';

const SECRET = '/Secret';
const NONE: ResourceMap = new Map();

/**
 * Keeps certificates that Envoy cannot load away from it: the Secret stays as it was, or is left out, which breaks the hosts that name it
 * and no others.
 */
export class AcceptedSecrets {
  private raw = NONE;
  private accepted = NONE;
  private found: readonly Problem[] = [];

  /** The snapshot with the Secrets that may be used; the same one if all may. */
  public accept(raw: Snapshot): { readonly snapshot: Snapshot; readonly problems: readonly Problem[] } {
    const now = resourcesOf(raw, SECRET);
    if (now !== this.raw) {
      this.take(now);
    }
    return { snapshot: this.accepted === now ? raw : replaced(raw, this.accepted), problems: this.found };
  }

  private take(now: ResourceMap): void {
    const kept = new Map<string, Resource>();
    const problems: Problem[] = [];
    for (const [key, secret] of now) {
      const fault = secretFault(secret);
      const old = fault && this.accepted.get(key);
      if (!fault || old) kept.set(key, old ?? secret);
      if (fault) problems.push(faulty(secret, fault, old !== undefined));
    }
    [this.raw, this.accepted, this.found] = [now, problems.length > 0 ? kept : now, problems];
  }
}

function faulty({ kind, metadata: { namespace, name }, stringData }: Resource, fault: { entry: string; message: string }, stays: boolean): Problem {
  const inText = Object.hasOwn((stringData ?? {}) as object, fault.entry);
  return {
    resource: { kind, namespace, name },
    path: `${inText ? 'stringData' : 'data'}.${fault.entry}`,
    message: `${fault.message}: ${stays ? 'the Secret stays as it was' : 'the Secret is left out'} for TLS`,
  };
}

function replaced(raw: Snapshot, secrets: ResourceMap): Snapshot {
  const kinds = new Map(raw.kinds);
  if (secrets.size > 0) kinds.set(SECRET, secrets);
  else kinds.delete(SECRET);
  return { revision: raw.revision, kinds };
}
