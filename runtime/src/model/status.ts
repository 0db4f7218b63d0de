import type { ResourceRef } from './problem';

/** One condition of an object, as Kubernetes shows it in `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What a controller says of an object, or of one part of it. */
export interface ObjectStatus {
  readonly resource: ResourceRef;
  /** The whole object, a listener of a Gateway or ListenerSet, or one parent (ancestor) of a route or policy. */
  readonly part: StatusPart;
  readonly conditions: readonly Condition[];
}

export type StatusPart =
  | { readonly of: 'object'; readonly addresses?: readonly string[]; readonly attachedListenerSets?: number }
  | { readonly of: 'listener'; readonly name: string; readonly attachedRoutes: number; readonly supportedKinds: readonly string[] }
  | { readonly of: 'parent'; readonly ref: ParentRef };

/** As the user wrote it, defaults filled in. */
export interface ParentRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

export function holds(type: string, reason: string, message: string): Condition {
  return { type, status: 'True', reason, message };
}

export function fails(type: string, reason: string, message: string): Condition {
  return { type, status: 'False', reason, message };
}
