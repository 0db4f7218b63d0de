import { Compiler, parseNode } from '../compile';
import type { Names } from '../compile';
import type { Pod } from '../kubernetes';
import type { Proxy } from '../model/proxy';
import { resourcesOf, type ResourceMap, type Snapshot } from '../model/snapshot';
import { nodeOfPod } from './pod/assemble';
import { planPod } from './pod/plan';

/** What the proxies of pods tell their applications about names. Worked out when somebody asks, so an edit costs nothing here. */
export class MeshNames {
  private readonly compiler = new Compiler();
  private readonly proxies = new WeakMap<Pod, Proxy | undefined>();
  private readonly addresses = new WeakMap<ResourceMap, ReadonlyMap<string, Pod>>();

  /** For the pod with an address; undefined where there is none, or its proxy tells nothing. */
  public of(snapshot: Snapshot, address: string): Names | undefined {
    const pod = this.podsByAddress(resourcesOf(snapshot, '/Pod')).get(address);
    const proxy = pod && this.proxyOf(pod, snapshot);
    return proxy && this.compiler.names(snapshot, proxy);
  }

  private podsByAddress(pods: ResourceMap): ReadonlyMap<string, Pod> {
    let byAddress = this.addresses.get(pods);
    if (!byAddress) {
      byAddress = new Map([...pods.values()].map((pod) => [(pod as Pod).status.podIP, pod as Pod]));
      this.addresses.set(pods, byAddress);
    }
    return byAddress;
  }

  private proxyOf(pod: Pod, snapshot: Snapshot): Proxy | undefined {
    if (!this.proxies.has(pod)) {
      const plan = planPod(pod, snapshot, []);
      const proxy = plan.proxy && parseNode(nodeOfPod(plan, plan.proxy));
      this.proxies.set(pod, typeof proxy === 'string' ? undefined : proxy);
    }
    return this.proxies.get(pod);
  }
}
