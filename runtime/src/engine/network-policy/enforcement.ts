import type { Pod } from '../../kubernetes';
import { POD_NETWORK } from '../../local/network';
import { packetFilterRules, type PacketFilter } from '../../local/packet-filter';
import type { PodSandbox } from '../../local/pod-sandbox';
import { resourceKey, resourcesOf, type Snapshot } from '../../model/snapshot';
import { ServicePorts } from '../service-ports';
import { clusterIpRules } from './cluster-ip';
import { Isolations, type Isolation } from './isolation';

interface Filtered {
  readonly sandbox: PodSandbox;
  /** What is in force; undefined: nothing ever was. */
  rules?: string;
}

/** What these kinds hold decides about packets. */
const KINDS = ['networking.k8s.io/NetworkPolicy', '/Pod', '/Namespace', '/Service', 'discovery.k8s.io/EndpointSlice'];
const OPEN = packetFilterRules({}, POD_NETWORK.machine);

/**
 * Does the work of a network plug-in: NetworkPolicies become packet filters of the pods' own networks, in force before a pod's programs start
 * and after every edit. As in Kubernetes nothing keeps a pod from its node: here that is the name service, and users who come through a
 * gateway's port on localhost. Proxies reach the control plane over a socket, so no policy can cut them off.
 */
export class NetworkPolicies {
  private readonly pods = new Map<string, Filtered>();
  private latest: Snapshot | undefined;
  private filters: ReadonlyMap<string, string> = new Map();
  private work: Promise<void> = Promise.resolve();
  private pending = 0;

  public constructor(private readonly options: { readonly onChange: () => void; readonly onError: (error: Error) => void }) {}

  /** Whether what was published last is in force. */
  public get settled(): boolean {
    return this.pending === 0;
  }

  public publish(snapshot: Snapshot): void {
    const before = this.latest;
    this.latest = snapshot;
    if (KINDS.every((kind) => before?.kinds.get(kind) === snapshot.kinds.get(kind))) {
      return;
    }
    this.filters = filtersOf(snapshot);
    for (const key of this.pods.keys()) {
      if (!resourcesOf(snapshot, '/Pod').has(key)) {
        this.pods.delete(key);
      }
    }
    this.enforce([...this.pods.keys()]);
  }

  /** Filters new pods. */
  public async begin(sandboxes: readonly PodSandbox[]): Promise<void> {
    const keys = sandboxes.map((sandbox) => {
      const key = resourceKey(sandbox.namespace, sandbox.name);
      this.pods.set(key, { sandbox });
      return key;
    });
    await this.enforce(keys);
  }

  private enforce(keys: readonly string[]): Promise<void> {
    this.pending += 1;
    this.work = this.work.then(async () => {
      await Promise.all(keys.map((key) => this.apply(key)));
    }).catch(this.options.onError).finally(() => {
      this.pending -= 1;
      this.options.onChange();
    });
    return this.work;
  }

  private async apply(key: string): Promise<void> {
    const pod = this.pods.get(key);
    const rules = this.filters.get(key) ?? OPEN;
    if (!pod || (pod.rules ?? OPEN) === rules) {
      return;
    }
    try {
      await pod.sandbox.filter(rules);
      pod.rules = rules;
    } catch (error) {
      if (this.pods.get(key) === pod && !pod.sandbox.isRemoved) {
        throw error;
      }
    }
  }
}

/** The rules of every pod that some policy concerns. */
export function filtersOf(snapshot: Snapshot): ReadonlyMap<string, string> {
  const isolations = new Isolations(snapshot);
  if (!isolations.exist) {
    return new Map();
  }
  const pods = [...resourcesOf(snapshot, '/Pod')] as [string, Pod][];
  const byAddress = new Map<string, Isolation>(pods.map(([, pod]) => [pod.status?.podIP, isolations.of(pod)]));
  const services = new ServicePorts(snapshot).addresses();
  return new Map(pods.map(([key, { status }]) => {
    const isolation = byAddress.get(status?.podIP) ?? {};
    const { refused, open } = clusterIpRules({ address: status?.podIP, isolation }, services, (address) => byAddress.get(address));
    const filter: PacketFilter = { ...isolation, ...(isolation.egress ? { egress: [...isolation.egress, ...open] } : {}), refused };
    return [key, packetFilterRules(filter, POD_NETWORK.machine)];
  }));
}
