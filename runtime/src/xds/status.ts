import type { TypeUrl } from '../model/configuration';
import type { XdsNode } from './request';
import type { Rejection, Subscription } from './subscription';

/** What one client has of one type. */
export interface TypeStatus {
  /** `stale`: something was sent or is about to be sent that it has not acknowledged; `rejected`: it refuses something and keeps an older version. */
  readonly state: 'synced' | 'stale' | 'rejected';
  /** Resources that it is subscribed to and that exist. */
  readonly wanted: number;
  readonly sent: number;
  /** Those whose current version it has acknowledged. */
  readonly acked: number;
  /** Names whose last version it rejected. */
  readonly rejected: readonly string[];
  /** Responses that it has not answered. */
  readonly unanswered: number;
  readonly lastNack?: Rejection;
}

export interface ConnectionStatus {
  readonly id: string;
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly synced: boolean;
  readonly types: ReadonlyMap<TypeUrl, TypeStatus>;
}

interface Connected {
  readonly id: string;
  readonly node: XdsNode;
  readonly connectedAt: number;
  isSynced(): boolean;
}

export function connectionStatus(connection: Connected, subscriptions: ReadonlyMap<TypeUrl, Subscription>): ConnectionStatus {
  const types = [...subscriptions].map(([typeUrl, subscription]) => [typeUrl, typeStatus(subscription)] as const);
  return {
    id: connection.id,
    node: connection.node.id,
    connectedAt: connection.connectedAt,
    synced: connection.isSynced(),
    types: new Map(types),
  };
}

function typeStatus(subscription: Subscription): TypeStatus {
  const counts = subscription.counts();
  const settled = subscription.isSettled() ? 'synced' : 'stale';
  return {
    ...counts,
    state: counts.rejected.length > 0 ? 'rejected' : settled,
    unanswered: subscription.unanswered(),
    ...(subscription.lastRejection && { lastNack: subscription.lastRejection }),
  };
}
