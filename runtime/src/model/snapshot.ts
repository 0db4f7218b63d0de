import type { Resource } from './resource';

/** Objects of one kind by `namespace/name` (cluster-scoped ones by `/name`), in a stable order. */
export type ResourceMap = ReadonlyMap<string, Resource>;

/**
 * Everything that a source knows at one moment. Immutable: an edit makes a new Snapshot in which unchanged objects, and the maps of
 * unchanged kinds, are the same JavaScript objects as before, so identity is a valid cache key.
 */
export interface Snapshot {
  readonly revision: number;
  /** By `group/Kind`, the core group being empty: `/Service`, `apps/Deployment`, `networking.istio.io/VirtualService`. */
  readonly kinds: ReadonlyMap<string, ResourceMap>;
}

const NONE: ResourceMap = new Map();

/** The objects of one kind, such as `networking.istio.io/VirtualService` or `/Service`. */
export function resourcesOf(snapshot: Snapshot, groupKind: string): ResourceMap {
  return snapshot.kinds.get(groupKind) ?? NONE;
}

/** `networking.istio.io/v1`, `VirtualService` → `networking.istio.io/VirtualService`; `v1`, `Service` → `/Service`. */
export function groupKind(apiVersion: string, kind: string): string {
  const slash = apiVersion.indexOf('/');
  return `${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`;
}

export function resourceKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
