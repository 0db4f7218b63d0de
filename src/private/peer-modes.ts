import type { ApiObject } from 'cdk8s';
import type { PeerAuthenticationSpec } from '../../imports/istio/peer-authentication.types';
import type { IMeshService } from '../mesh-member';
import { namespaceOf, type Print } from './printed-object';

/** What a server's proxy takes. */
export type PeerMode = 'STRICT' | 'PERMISSIVE' | 'DISABLE';

/** A mode with the object that says so; undefined where nobody does. */
export interface EffectiveMode {
  readonly mode: PeerMode;
  readonly by?: ApiObject;
}

interface Peer {
  readonly object: ApiObject;
  readonly namespace: string;
  readonly spec: PeerAuthenticationSpec;
}

/**
 * What each port takes by all PeerAuthentications of an App: of the port, the workload, the namespace, the root namespace, whichever says
 * something first. https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class PeerModes {
  private readonly peers: readonly Peer[];

  constructor(objects: readonly ApiObject[], print: Print, private readonly rootNamespaces: readonly string[]) {
    this.peers = objects.filter(({ kind, apiVersion }) => kind === 'PeerAuthentication' && apiVersion.startsWith('security.istio.io/'))
      .map((object) => ({ object, namespace: namespaceOf(object), spec: (print(object).spec ?? {}) as PeerAuthenticationSpec }));
  }

  /** The mode of a port of a service's pods. */
  of({ namespace, podLabels }: IMeshService, podPort: number): EffectiveMode {
    const own = this.peers.find((peer) => peer.namespace === namespace && selects(peer, podLabels));
    const around = [namespace, ...this.rootNamespaces].map((name) => this.peers.find((peer) => peer.namespace === name && !hasSelector(peer)));
    const said = [
      { mode: own?.spec.portLevelMtls?.[podPort]?.mode, by: own?.object },
      ...[own, ...around].map((peer) => ({ mode: peer?.spec.mtls?.mode, by: peer?.object })),
    ];
    const first = said.find(({ mode }) => mode !== undefined && mode !== 'UNSET');
    return first === undefined ? { mode: 'PERMISSIVE' } : { mode: first.mode as PeerMode, by: first.by };
  }
}

function hasSelector({ spec }: Peer): boolean {
  return Object.keys(spec.selector?.matchLabels ?? {}).length > 0;
}

function selects(peer: Peer, labels: Readonly<Record<string, string>>): boolean {
  return hasSelector(peer) && Object.entries(peer.spec.selector!.matchLabels!).every(([name, value]) => labels[name] === value);
}
