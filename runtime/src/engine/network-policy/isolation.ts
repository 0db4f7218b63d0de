import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, Pod } from '../../kubernetes';
import type { AddressRange, Opening, PacketFilter, PortRange } from '../../local/packet-filter';
import { resourcesOf, type Snapshot } from '../../model/snapshot';
import { selectsLabels } from './label-selector';

export type Isolation = Pick<PacketFilter, 'ingress' | 'egress'>;

/** Kubernetes gives every namespace this label. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

interface Peers {
  readonly pods: readonly Pod[];
  readonly blocks: readonly AddressRange[];
}

/**
 * What the NetworkPolicies of a Snapshot let through to and from pods (https://kubernetes.io/docs/concepts/services-networking/network-policies/).
 * A pod that some policy selects for a direction is isolated in it: only what one of them allows passes.
 */
export class Isolations {
  private readonly policies: readonly NetworkPolicy[];
  private readonly pods: readonly Pod[];

  public constructor(private readonly snapshot: Snapshot) {
    this.policies = [...resourcesOf(snapshot, 'networking.k8s.io/NetworkPolicy').values()] as NetworkPolicy[];
    this.pods = ([...resourcesOf(snapshot, '/Pod').values()] as Pod[]).filter((pod) => pod.status?.podIP);
  }

  public get exist(): boolean {
    return this.policies.length > 0;
  }

  public of(pod: Pod): Isolation {
    const own = this.policies.filter(({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace && selectsLabels(spec?.podSelector ?? {}, pod.metadata.labels ?? {}));
    const [ingress, egress] = [own.filter((policy) => typesOf(policy).includes('Ingress')), own.filter((policy) => typesOf(policy).includes('Egress'))];
    return {
      ...(ingress.length > 0 ? { ingress: ingress.flatMap((policy) => this.ingress(policy, pod)) } : {}),
      ...(egress.length > 0 ? { egress: egress.flatMap((policy) => this.egress(policy)) } : {}),
    };
  }

  private ingress({ metadata, spec }: NetworkPolicy, pod: Pod): Opening[] {
    return (spec?.ingress ?? []).map(({ from, ports }) => ({ addresses: addressesOf(this.peersOf(from, metadata.namespace)), ports: portsOf(ports, pod) }));
  }

  /** Where a port has a name it is another number for each pod, so there each pod has an opening of its own. */
  private egress({ metadata, spec }: NetworkPolicy): Opening[] {
    return (spec?.egress ?? []).flatMap(({ to, ports }): Opening[] => {
      const peers = this.peersOf(to, metadata.namespace);
      if (!ports?.some(({ port }) => typeof port === 'string')) {
        return [{ addresses: addressesOf(peers), ports: portsOf(ports) }];
      }
      const numbered = ports.filter(({ port }) => typeof port !== 'string');
      return [
        ...(numbered.length > 0 ? [{ addresses: addressesOf(peers), ports: portsOf(numbered) }] : []),
        ...(peers?.pods ?? this.pods).map((pod) => ({ addresses: [rangeOf(pod)], ports: portsOf(ports.filter(({ port }) => typeof port === 'string'), pod) })),
      ];
    });
  }

  /** Undefined: everybody. */
  private peersOf(peers: readonly NetworkPolicyPeer[] | undefined, namespace: string): Peers | undefined {
    if (!peers || peers.length === 0) {
      return undefined;
    }
    return {
      pods: this.pods.filter((pod) => peers.some((peer) => this.isPeer(peer, pod, namespace))),
      blocks: peers.flatMap(({ ipBlock }) => (ipBlock ? [{ cidr: ipBlock.cidr, except: ipBlock.except ?? [] }] : [])).filter(isVersion4),
    };
  }

  private isPeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, { metadata }: Pod, namespace: string): boolean {
    if (ipBlock || (!podSelector && !namespaceSelector)) {
      return false;
    }
    const inNamespace = namespaceSelector ? this.selectsNamespace(namespaceSelector, metadata.namespace) : metadata.namespace === namespace;
    return inNamespace && selectsLabels(podSelector ?? {}, metadata.labels ?? {});
  }

  private selectsNamespace(selector: LabelSelector, name: string): boolean {
    const labels = resourcesOf(this.snapshot, '/Namespace').get(`/${name}`)?.metadata.labels;
    return selectsLabels(selector, { ...labels, [NAME_LABEL]: name });
  }
}

/** Left out: Ingress, and Egress if there are rules for it. */
function typesOf({ spec }: NetworkPolicy): readonly string[] {
  return spec?.policyTypes ?? ['Ingress', ...(spec?.egress?.length ? ['Egress'] : [])];
}

function addressesOf(peers: Peers | undefined): Opening['addresses'] {
  return peers ? [...peers.pods.map(rangeOf), ...peers.blocks] : 'all';
}

function rangeOf(pod: Pod): AddressRange {
  return { cidr: `${pod.status.podIP}/32`, except: [] };
}

/** The pods' network here is one of IPv4, so nobody has an address of another block. */
function isVersion4({ cidr }: AddressRange): boolean {
  return !cidr.includes(':');
}

/** `pod` is who is called: it knows what named ports stand for. */
function portsOf(ports: readonly NetworkPolicyPort[] | undefined, pod?: Pod): Opening['ports'] {
  if (!ports || ports.length === 0) {
    return 'all';
  }
  return ports.flatMap(({ protocol = 'TCP', port, endPort }): PortRange[] => {
    const lower = protocol.toLowerCase();
    if (lower !== 'tcp' && lower !== 'udp') {
      return [];
    }
    if (port === undefined) {
      return [{ protocol: lower, from: 0, to: 65_535 }];
    }
    const numbers = typeof port === 'number' ? [port] : namedPorts(pod, port, protocol);
    return numbers.map((from) => ({ protocol: lower, from, to: Math.max(from, endPort ?? from) }));
  });
}

function namedPorts(pod: Pod | undefined, name: string, protocol: string): number[] {
  const containers = pod ? [...pod.spec.initContainers ?? [], ...pod.spec.containers] : [];
  return containers.flatMap((container) => container.ports ?? [])
    .filter((port) => port.name === name && (port.protocol ?? 'TCP') === protocol).map(({ containerPort }) => containerPort);
}
