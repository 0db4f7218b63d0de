import type { Resource } from '../model/resource';
import { groupKind, resourceKey } from '../model/snapshot';
import type { ResourceMap, Snapshot } from '../model/snapshot';

/**
 * Objects that change, and the immutable Snapshots that show them. Objects and whole kinds that did not change are the same JavaScript
 * objects in the next Snapshot; the order is by key, so that it does not tell in which order things were applied.
 */
export class Store {
  private readonly tables = new Map<string, Table>();
  private latest: Snapshot = { revision: 0, kinds: new Map() };

  public get(kind: string, key: string): Resource | undefined {
    return this.tables.get(kind)?.get(key);
  }

  /** All objects of a kind, by key. */
  public all(kind: string): Resource[] {
    return [...this.tables.get(kind)?.map().values() ?? []];
  }

  public set(resource: Resource): void {
    const kind = groupKind(resource.apiVersion, resource.kind);
    this.table(kind).set(resourceKey(resource.metadata.namespace, resource.metadata.name), resource);
  }

  public delete(kind: string, key: string): void {
    this.tables.get(kind)?.delete(key);
  }

  /** The world as it is now. Without a change since the last call it is the same Snapshot. */
  public snapshot(): Snapshot {
    let changed = false;
    const kinds = new Map<string, ResourceMap>();
    for (const kind of [...this.tables.keys()].sort()) {
      const map = this.table(kind).map();
      if (map.size > 0) kinds.set(kind, map);
      changed ||= kinds.get(kind) !== this.latest.kinds.get(kind);
    }
    if (changed) this.latest = { revision: this.latest.revision + 1, kinds };
    return this.latest;
  }

  private table(kind: string): Table {
    let table = this.tables.get(kind);
    if (!table) this.tables.set(kind, table = new Table());
    return table;
  }
}

/** The objects of one kind. Edits are collected until somebody looks. */
class Table {
  private shown: ReadonlyMap<string, Resource> = new Map();
  private readonly edits = new Map<string, Resource | undefined>();

  public get(key: string): Resource | undefined {
    return this.edits.has(key) ? this.edits.get(key) : this.shown.get(key);
  }

  public set(key: string, resource: Resource): void {
    if (this.get(key) !== resource) this.edit(key, resource);
  }

  public delete(key: string): void {
    if (this.get(key)) this.edit(key, undefined);
  }

  public map(): ResourceMap {
    if (this.edits.size > 0) {
      this.shown = this.merged();
      this.edits.clear();
    }
    return this.shown;
  }

  private edit(key: string, resource: Resource | undefined): void {
    if (this.shown.get(key) === resource) this.edits.delete(key);
    else this.edits.set(key, resource);
  }

  private merged(): ReadonlyMap<string, Resource> {
    const next = new Map(this.shown);
    let added = false;
    for (const [key, resource] of this.edits) {
      if (!resource) {
        next.delete(key);
      } else {
        added ||= !next.has(key);
        next.set(key, resource);
      }
    }
    return added ? new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1))) : next;
  }
}
