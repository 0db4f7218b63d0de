import type { Labels } from './workload';

/** What a workload asks of its callers: `STRICT`, they must use mutual TLS; `PERMISSIVE`, they may; `DISABLE`, they cannot. */
export type PeerMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** For all ports of a workload, and for single ones that differ. */
export interface PeerSettings {
  readonly mode: PeerMode;
  /** By the number of the workload's port. */
  readonly ports: ReadonlyMap<number, PeerMode>;
}

export const PERMISSIVE_PEERS: PeerSettings = { mode: 'PERMISSIVE', ports: new Map() };

export function peerModeOf({ mode, ports }: PeerSettings, port: number): PeerMode {
  return ports.get(port) ?? mode;
}

/** The label that injection puts on pods whose proxy takes mutual TLS; https://istio.io/latest/docs/reference/config/labels/#SecurityTlsMode */
export const TLS_MODE_LABEL = 'security.istio.io/tlsMode';

export function takesMutualTls(labels: Labels): boolean {
  return labels[TLS_MODE_LABEL] === 'istio';
}
