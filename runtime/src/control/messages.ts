import type { Identity } from '../model/identity';
import type { SnapshotDelta } from '../source/stream';
import type { ConnectionStatus } from '../xds';
import type { ControlState } from './control-plane';

/** Between the engine and its control plane, over Node's IPC channel. */
export type ToControl =
  /** The Snapshot of that revision, as the difference to the one before. */
  | { readonly type: 'snapshot'; readonly revision: number; readonly delta: SnapshotDelta }
  | { readonly type: 'status'; readonly id: number }
  /** A workload of that identity may ask for its certificate with that token, once. */
  | { readonly type: 'join'; readonly id: number; readonly token: string; readonly identity: Identity };

export type FromControl =
  /** The token of that `join` counts from now on. */
  | { readonly type: 'joined'; readonly id: number }
  | { readonly type: 'state'; readonly state: ControlState }
  | { readonly type: 'status'; readonly id: number; readonly proxies: readonly ProxyStatus[] };

export interface ProxyStatus {
  readonly node: string;
  readonly synced: boolean;
  readonly connectedAt: number;
  /** By `cds`, `eds`, `lds`, `rds`, `sds`. */
  readonly types: Readonly<Record<string, { readonly state: string; readonly wanted: number; readonly acked: number }>>;
}

const SHORT: Readonly<Record<string, string>> = {
  Cluster: 'cds', ClusterLoadAssignment: 'eds', Listener: 'lds', RouteConfiguration: 'rds', Secret: 'sds',
};

export function proxyStatus({ node, synced, connectedAt, types }: ConnectionStatus): ProxyStatus {
  const rows = [...types].map(([typeUrl, { state, wanted, acked }]) => {
    const name = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
    return [SHORT[name] ?? name, { state, wanted, acked }] as const;
  });
  return { node, synced, connectedAt, types: Object.fromEntries(rows) };
}
