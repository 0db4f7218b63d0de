import type { Resource } from '../model/resource';
import type { Snapshot } from '../model/snapshot';
import { Store } from './store';

/** What changed between two Snapshots, as plain JSON for a channel between processes. */
export interface SnapshotDelta {
  /** True: forget everything before. */
  readonly whole: boolean;
  readonly set: readonly Resource[];
  readonly removed: readonly { readonly kind: string; readonly key: string }[];
}

/** The delta from one Snapshot to a later one, or to the first one that the other side sees. */
export function encodeDelta(before: Snapshot | undefined, after: Snapshot): SnapshotDelta {
  const set: Resource[] = [];
  const removed: { kind: string; key: string }[] = [];
  for (const kind of new Set([...before?.kinds.keys() ?? [], ...after.kinds.keys()])) {
    const old = before?.kinds.get(kind);
    const now = after.kinds.get(kind);
    if (old === now) continue;
    for (const [key, resource] of now ?? []) if (old?.get(key) !== resource) set.push(resource);
    for (const key of old?.keys() ?? []) if (!now?.has(key)) removed.push({ kind, key });
  }
  return { whole: before === undefined, set, removed };
}

/** The other side: follows the deltas. Objects that no delta names stay the same JavaScript objects. */
export class SnapshotMirror {
  private store = new Store();

  public apply({ whole, set, removed }: SnapshotDelta): Snapshot {
    if (whole) this.forget(set);
    for (const { kind, key } of removed) this.store.delete(kind, key);
    for (const resource of set) this.store.set(resource);
    return this.store.snapshot();
  }

  private forget(coming: readonly Resource[]): void {
    const mirror = new Store();
    for (const resource of coming) mirror.set(resource);
    for (const [kind, map] of this.store.snapshot().kinds) {
      for (const key of map.keys()) if (!mirror.get(kind, key)) this.store.delete(kind, key);
    }
  }
}
