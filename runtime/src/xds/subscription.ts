import type { EncodedResource } from '../model/configuration';
import { changedNames } from './changes';

/** Told to the client as absent: it asked for the name and the name does not exist. */
const ABSENT = '';
/** In the place of a version: the client may or may not have it. */
const UNCLEAR = '?';
const WILDCARD = '*';
const NOTHING: ReadonlyMap<string, EncodedResource> = new Map();
const NOBODY: readonly undefined[] = [];

/** What one response carries. */
export interface Batch {
  readonly resources: readonly EncodedResource[];
  readonly removed: readonly string[];
}

export interface Rejection {
  readonly names: readonly string[];
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a client asks in one request of a type, beside an ACK or NACK. */
export interface Interest {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Versions that the client has from an earlier stream: only the first request of a type may name them. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The difference between what a client has and what it is to have. */
export interface Difference {
  /** Wanted, subscribed, and the client does not have this version. */
  readonly added: readonly EncodedResource[];
  /** Asked for by name, and they do not exist. */
  readonly absent: readonly string[];
  /** The client has them, and they are gone. */
  readonly removed: readonly string[];
  /** Groups out of a rejected response: sent again by themselves, so that one bad resource does not hold up its neighbours. */
  readonly suspects: readonly (readonly EncodedResource[])[];
}

/** What most clients lack at most times: an edit asks a thousand of them. */
const NO_DIFFERENCE: Difference = { added: [], absent: [], removed: [], suspects: [] };

interface Accepted {
  readonly version: string;
  /** Unknown where the client got it from an earlier stream and it has changed since. */
  readonly resource: EncodedResource | undefined;
}

/** What one client has of one resource type: what it subscribes to, what it was sent, accepted and rejected. */
export class Subscription {
  /** The last response that was rejected. */
  lastRejection: Rejection | undefined;
  private wildcard = false;
  private started = false;
  private answered = false;
  private readonly names = new Set<string>();
  private readonly known = new Map<string, string>();
  private readonly accepted = new Map<string, Accepted>();
  private readonly rejected = new Map<string, string>();
  private readonly outstanding = new Map<string, Batch & { readonly sentAt: number }>();
  private suspects: string[][] = [];
  /** Names that may differ between what the client has and is to have: all others need no look, so an edit costs what it changes. */
  private readonly unsure = new Set<string>();
  private memo: Difference | undefined;

  constructor(private wanted: ReadonlyMap<string, EncodedResource> = NOTHING) {}

  /** Sets what the client is to have of this type. */
  want(wanted: ReadonlyMap<string, EncodedResource> = NOTHING): void {
    if (wanted === this.wanted) return;
    for (const name of changedNames(this.wanted, wanted)) this.unsure.add(name);
    this.wanted = wanted;
    this.memo = undefined;
  }

  /**
   * Takes a client's request.
   *
   * @param stale names whose version the client may have, yet needs again: endpoints of a cluster that was just sent
   */
  apply(interest: Interest, stale: ReadonlySet<string>): void {
    const first = !this.started;
    this.started = true;
    if (first) this.rememberVersions(interest.versions, stale);
    // An empty first request is the older way to say '*'.
    if (first && interest.subscribe.length === 0) this.subscribe(WILDCARD, first);
    for (const name of interest.subscribe) this.subscribe(name, first);
    for (const name of interest.unsubscribe) this.unsubscribe(name);
    this.memo = undefined;
  }

  /** Takes note of a response that goes out now. */
  sent(nonce: string, batch: Batch, now: number): void {
    for (const resource of batch.resources) this.known.set(resource.name, resource.version);
    for (const name of batch.removed) {
      if (this.names.has(name)) this.known.set(name, ABSENT);
      else this.known.delete(name);
    }
    this.outstanding.set(nonce, { ...batch, sentAt: now });
    this.answered = true;
    if (this.suspects.length > 0) {
      const gone = new Set(batch.resources.map((resource) => resource.name));
      this.suspects = this.suspects.map((group) => group.filter((name) => !gone.has(name))).filter((group) => group.length > 0);
    }
    this.memo = undefined;
  }

  /** Whether the nonce was one of ours. */
  ack(nonce: string): boolean {
    const batch = this.take(nonce);
    for (const resource of batch?.resources ?? []) {
      if (!this.isSubscribed(resource.name)) continue;
      this.accepted.set(resource.name, { version: resource.version, resource });
      if (this.rejected.get(resource.name) !== this.known.get(resource.name)) this.rejected.delete(resource.name);
    }
    return batch !== undefined;
  }

  /**
   * Notes a rejected response. Envoy may have applied some of its resources; which, it does not say. A response of several is sent
   * again in halves until the bad ones stand alone; a single one waits for its next version.
   *
   * @returns the names that are now known to be bad, none while they are still being looked for, undefined for an unknown nonce
   */
  nack(nonce: string, message: string, now: number): readonly string[] | undefined {
    const batch = this.take(nonce);
    if (!batch) return undefined;
    const current = batch.resources.filter((resource) => this.known.get(resource.name) === resource.version);
    const names = batch.resources.map((resource) => resource.name);
    this.lastRejection = { names, message, at: now };
    if (batch.resources.length <= 1) {
      for (const resource of current) this.rejected.set(resource.name, resource.version);
      return names;
    }
    const half = Math.ceil(current.length / 2);
    const groups = [current.slice(0, half), current.slice(half)].filter((group) => group.length > 0);
    for (const resource of current) this.mark(resource.name, undefined);
    this.suspects.push(...groups.map((group) => group.map((resource) => resource.name)));
    this.memo = undefined;
    return [];
  }

  difference(): Difference {
    this.memo ??= this.compare();
    return this.memo;
  }

  /** Whether there is something to send, now or later. */
  hasWork(): boolean {
    return this.difference() !== NO_DIFFERENCE || this.mustAnswer();
  }

  /** The wanted resource of a name, if the client is subscribed to it. */
  wantedOf(name: string): EncodedResource | undefined {
    return this.isSubscribed(name) ? this.wanted.get(name) : undefined;
  }

  /** A first wildcard request must be answered even if there is nothing: the client's start waits for it. */
  mustAnswer(): boolean {
    return this.wildcard && !this.answered && this.known.size === 0;
  }

  /** Whether a response is unanswered that was sent after `since`. */
  isWaiting(since: number): boolean {
    for (const batch of this.outstanding.values()) if (batch.sentAt > since) return true;
    return false;
  }

  /** When the youngest unanswered response was sent. */
  lastSent(): number | undefined {
    let last: number | undefined;
    for (const batch of this.outstanding.values()) last = Math.max(last ?? 0, batch.sentAt);
    return last;
  }

  unanswered(): number {
    return this.outstanding.size;
  }

  /** Resources of responses that are not answered yet. */
  * inFlight(): Iterable<EncodedResource> {
    for (const batch of this.outstanding.values()) yield* batch.resources;
  }

  /** Versions that live on in the client because it rejected their successors; undefined where we do not know their content. */
  survivors(): readonly (EncodedResource | undefined)[] {
    if (this.rejected.size === 0) return NOBODY;
    return [...this.rejected.keys()].flatMap((name) => {
      const accepted = this.accepted.get(name);
      return accepted ? [accepted.resource] : [];
    });
  }

  /** Everything was sent and answered; a rejected version counts as answered. */
  isSettled(): boolean {
    return this.outstanding.size === 0 && this.difference() === NO_DIFFERENCE;
  }

  counts(): { wanted: number; sent: number; acked: number; rejected: string[] } {
    let wanted = 0;
    let acked = 0;
    for (const [name, resource] of this.wanted) {
      if (!this.isSubscribed(name)) continue;
      wanted += 1;
      if (this.accepted.get(name)?.version === resource.version) acked += 1;
    }
    const sent = [...this.known.values()].filter((version) => version !== ABSENT).length;
    return { wanted, sent, acked, rejected: [...this.rejected.keys()] };
  }

  private rememberVersions(versions: Readonly<Record<string, string>>, stale: ReadonlySet<string>): void {
    for (const [name, version] of Object.entries(versions)) {
      if (stale.has(name)) continue;
      this.mark(name, version);
      const wanted = this.wanted.get(name);
      this.accepted.set(name, { version, resource: wanted?.version === version ? wanted : undefined });
    }
  }

  private subscribe(name: string, first: boolean): void {
    if (name === WILDCARD) {
      this.wildcard = true;
      for (const each of this.wanted.keys()) this.unsure.add(each);
      return;
    }
    this.names.add(name);
    this.unsure.add(name);
    // Asking again for what it has: the protocol owes an answer, except for what a first request says it has.
    if (!first) this.forget(name);
  }

  private unsubscribe(name: string): void {
    if (name === WILDCARD) {
      this.wildcard = false;
      for (const known of [...this.known.keys()]) if (!this.names.has(known)) this.forget(known);
      return;
    }
    this.names.delete(name);
    // Still covered by the wildcard: the client cannot tell whether it may keep the resource, so it is told again.
    if (this.wildcard && this.known.has(name)) this.mark(name, this.wanted.has(name) ? ABSENT : UNCLEAR);
    else this.forget(name);
  }

  /** Sets the version that the client has, as far as we know. */
  private mark(name: string, version: string | undefined): void {
    if (version === undefined) this.known.delete(name);
    else this.known.set(name, version);
    this.unsure.add(name);
  }

  private forget(name: string): void {
    this.mark(name, undefined);
    this.accepted.delete(name);
    this.rejected.delete(name);
  }

  private isSubscribed(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  private take(nonce: string): Batch | undefined {
    const batch = this.outstanding.get(nonce);
    this.outstanding.delete(nonce);
    for (const name of batch?.removed ?? []) {
      this.accepted.delete(name);
      this.rejected.delete(name);
    }
    return batch;
  }

  private compare(): Difference {
    if (this.unsure.size === 0) return NO_DIFFERENCE;
    const pending = new Map<string, EncodedResource>();
    const absent: string[] = [];
    const removed: string[] = [];
    for (const name of this.unsure) {
      const wanted = this.wanted.get(name);
      const known = this.known.get(name);
      if (wanted && known !== wanted.version && this.isSubscribed(name)) pending.set(name, wanted);
      else if (!wanted && known === undefined && this.names.has(name)) absent.push(name);
      else if (!wanted && known !== undefined && known !== ABSENT) removed.push(name);
      else this.unsure.delete(name);
    }
    const suspects = this.suspects.map((group) => group.flatMap((name) => pending.get(name) ?? [])).filter((group) => group.length > 0);
    for (const group of suspects) for (const resource of group) pending.delete(resource.name);
    if (pending.size + absent.length + removed.length + suspects.length === 0) return NO_DIFFERENCE;
    return { added: [...pending.values()], absent, removed, suspects };
  }
}
