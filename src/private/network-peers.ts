import type { AccessCaller, AccessRule, AccessSource } from '../access-rule';
import { isGateway } from './caller-accounts';
import { isPlain, same } from './merge';

const NAMESPACE = 'kubernetes.io/metadata.name';

/** Whom the network lets in, as NetworkPolicy names them, or everybody where policies of requests say more than a network can. */
export type Peers = readonly object[] | 'everybody';

export const NO_PEERS: Peers = [];

/** The pods of callers. Pods of a gateway that somebody else runs may be in any namespace. */
export function peersOf(callers: readonly AccessCaller[]): Peers {
  const peers = callers.map((caller) => {
    if (isGateway(caller)) {
      const { pods } = caller;
      return pods && { namespaceSelector: namespaceSelector(pods.namespace), podSelector: { matchLabels: pods.labels } };
    }
    const { service, version } = 'service' in caller ? caller : { service: caller, version: undefined };
    return { namespaceSelector: namespaceSelector(service.namespace), podSelector: { matchLabels: { ...service.podLabels, ...(version !== undefined && { version }) } } };
  });
  return peers.includes(undefined) ? 'everybody' : unique(peers as object[]);
}

/** Those whom rules let in, besides others. What is not said by services and namespaces, the network cannot know. */
export function allowedPeers(rules: readonly AccessRule[], others: Peers): Peers {
  const lists = rules.map(({ from }): Peers => (from === undefined ? 'everybody' : allOf(from.map(sourcePeers))));
  return allOf([others, ...lists]);
}

function sourcePeers(source: AccessCaller | AccessSource): Peers {
  if (!isPlain(source) || 'service' in source) {
    return peersOf([source as AccessCaller]);
  }
  const { services, namespaces, ...others } = source as AccessSource;
  const exact = namespaces?.every((namespace) => !namespace.includes('*')) ?? true;
  if (!exact || Object.keys(others).some((field) => !field.startsWith('not') && field !== 'requestPrincipals') || (services ?? namespaces) === undefined) {
    return 'everybody';
  }
  return services !== undefined ? peersOf(services) : namespaces!.map((namespace) => ({ namespaceSelector: namespaceSelector(namespace) }));
}

function allOf(lists: readonly Peers[]): Peers {
  return lists.includes('everybody') ? 'everybody' : unique((lists as readonly (readonly object[])[]).flat());
}

function unique(peers: readonly object[]): object[] {
  return peers.filter((peer, index) => peers.findIndex((other) => same(other, peer)) === index);
}

function namespaceSelector(namespace: string | undefined): object {
  return namespace === undefined ? {} : { matchLabels: { [NAMESPACE]: namespace } };
}
