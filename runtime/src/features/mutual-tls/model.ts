import { key } from '../../model/attachment';
import type { PeerMode } from '../../model/peer';

/** Mutual TLS with certificates of the mesh, as a DestinationRule asks for it. Names that are not given are found out. */
export interface ClientPeer {
  readonly sni?: string;
  readonly subjectAltNames?: readonly string[];
}

/** Plain text, or TLS of another kind. */
export interface OtherClient {
  readonly mode: string;
}

/** Not set: whatever the server takes. */
export const clientPeer = key<ClientPeer | OtherClient>('clientPeer');

export function isOther(asked: ClientPeer | OtherClient): asked is OtherClient {
  return 'mode' in asked;
}

/** A server of a gateway that terminates mutual TLS of the mesh. */
export interface ServerPeer {
  /** Clients that may come; empty: all of the mesh. */
  readonly subjectAltNames: readonly string[];
}

export const serverPeer = key<ServerPeer>('serverPeer');

/** A PeerAuthentication. Undefined modes are those of whatever stands above. */
export interface PeerPolicy {
  readonly mode?: PeerMode;
  /** By the workload's port. */
  readonly ports: ReadonlyMap<number, PeerMode | undefined>;
}

export const peerPolicy = key<PeerPolicy>('peerPolicy');

/** What MeshConfig says of mutual TLS. */
export interface MeshPeers {
  /** Whether clients use it by themselves wherever servers take it. */
  readonly auto: boolean;
  readonly minVersion: 'TLSV1_2' | 'TLSV1_3';
  readonly cipherSuites?: readonly string[];
  readonly ecdhCurves?: readonly string[];
}

export const meshPeers = key<MeshPeers>('meshPeers');
