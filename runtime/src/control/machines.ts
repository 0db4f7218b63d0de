import type { WorkloadEntrySpec, WorkloadGroupSpec } from '../istio';
import type { Health, Machine } from '../model/machine';
import { textOf } from '../model/parsed-value';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { Resource } from '../model/resource';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { resourceKey, resourcesOf } from '../model/snapshot';
import { entryName, registeredEntry, withHealth } from '../source';
import type { ConnectedProxy, XdsNode } from '../xds';

export interface MachinesOptions {
  readonly parseNode: (node: XdsNode) => Proxy | string;
  /** How long the entry of a machine that is gone stays, for it may only have lost its connection; milliseconds. */
  readonly grace: number;
  /** What is joined to Snapshots has changed. */
  readonly onChange: () => void;
}

/** What is known of one machine, by the name of its WorkloadEntry. */
interface Member {
  readonly key: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Undefined where somebody has written its entry: only its health counts then. */
  readonly machine: Machine | undefined;
  readonly connections: Set<string>;
  readonly trusted: boolean;
  health?: Health;
  leaving?: NodeJS.Timeout;
  made?: { readonly from: readonly unknown[]; readonly entry: Resource };
}

interface Joined {
  readonly from: readonly unknown[];
  readonly entries: ResourceMap;
  readonly problems: readonly Problem[];
}

const GROUPS = 'networking.istio.io/WorkloadGroup';
const ENTRIES = 'networking.istio.io/WorkloadEntry';

/**
 * Machines outside of Kubernetes: while its proxy is connected, each is in Snapshots by a WorkloadEntry made from its WorkloadGroup, with the
 * health that its agent reports. Who it is, its connection must have proved. As istio/istio pilot/pkg/autoregistration does it, but in memory:
 * a control plane that starts again knows machines as soon as they are connected again.
 */
export class Machines {
  private readonly members = new Map<string, Member>();
  private edition = 0;
  private latest: Joined | undefined;

  public constructor(private readonly options: MachinesOptions) {}

  public connected({ id, node, trusted }: ConnectedProxy): void {
    const found = this.memberOf(node, trusted);
    if (!found) return;
    const known = this.members.get(found.key);
    clearTimeout(known?.leaving);
    // It may have come back as somebody else, or with other labels.
    const member: Member = { ...found, connections: new Set([...known?.connections ?? [], id]), ...(known?.health && { health: known.health }) };
    this.members.set(member.key, member);
    this.changed();
  }

  public disconnected({ id }: Pick<ConnectedProxy, 'id'>): void {
    for (const member of this.members.values()) {
      if (member.connections.delete(id) && member.connections.size === 0) {
        member.leaving = setTimeout(() => this.remove(member), this.options.grace);
        member.leaving.unref();
      }
    }
  }

  public reported({ node, trusted }: Omit<ConnectedProxy, 'id'>, health: Health): void {
    const member = this.members.get(this.memberOf(node, trusted)?.key ?? '');
    if (!member || !trusted || (member.health?.healthy === health.healthy && member.health.message === health.message)) return;
    member.health = health;
    this.changed();
  }

  /** The Snapshot with the machines that are connected. */
  public join(snapshot: Snapshot): Snapshot {
    if (this.members.size === 0 && !this.latest) return snapshot;
    const [groups, written] = [resourcesOf(snapshot, GROUPS), resourcesOf(snapshot, ENTRIES)];
    const from = [groups, written, this.edition];
    if (!this.latest?.from.every((one, i) => one === from[i])) {
      this.latest = { from, ...this.make(groups, written) };
    }
    const { entries } = this.latest;
    return entries === written ? snapshot : { ...snapshot, kinds: new Map([...snapshot.kinds, [ENTRIES, entries]]) };
  }

  public problems(): readonly Problem[] {
    return this.latest?.problems ?? [];
  }

  public close(): void {
    for (const { leaving } of this.members.values()) clearTimeout(leaving);
  }

  private make(groups: ResourceMap, written: ResourceMap): Pick<Joined, 'entries' | 'problems'> {
    const [added, problems] = [new Map<string, Resource>(), [] as Problem[]];
    for (const member of this.members.values()) {
      const entry = written.get(member.key);
      const group = member.machine && groups.get(resourceKey(member.namespace, member.machine.group));
      const fault = faultOf(member, entry, group);
      const made = entry ? this.remember(member, [entry, member.health], () => (member.health ? withHealth(entry, member.health) : entry))
        : group && this.remember(member, [group, member.health], () => registeredEntry(group, member.machine as Machine, member.health));
      if (fault !== undefined) problems.push({ resource: { kind: 'WorkloadEntry', namespace: member.namespace, name: nameOf(member) }, path: '', message: fault, severity: 'warning' });
      else if (made && made !== entry) added.set(member.key, made);
    }
    return { entries: added.size === 0 ? written : new Map([...written, ...added]), problems };
  }

  /** The same object for the same inputs: identity is what caches go by. */
  private remember(member: Member, from: readonly unknown[], make: () => Resource): Resource {
    if (!member.made?.from.every((one, i) => one === from[i])) member.made = { from, entry: make() };
    return member.made.entry;
  }

  private memberOf(node: XdsNode, trusted: boolean): Member | undefined {
    const proxy = this.options.parseNode(node);
    if (typeof proxy === 'string') return undefined;
    const { namespace, serviceAccount } = proxy;
    const machine = machineOf(proxy);
    const name = machine ? entryName(machine) : textOf(proxy.metadata.WORKLOAD_ENTRY);
    return name === undefined ? undefined : { key: resourceKey(namespace, name), namespace, serviceAccount, machine, trusted, connections: new Set() };
  }

  private remove(member: Member): void {
    if (this.members.get(member.key) !== member) return;
    this.members.delete(member.key);
    this.changed();
  }

  private changed(): void {
    this.edition += 1;
    this.options.onChange();
  }
}

/** What a proxy says of the machine that it is on; undefined where it names no group. */
function machineOf({ metadata, namespace, serviceAccount, addresses, labels }: Proxy): Machine | undefined {
  const [group, network] = [textOf(metadata.AUTO_REGISTER_GROUP), textOf(metadata.NETWORK)];
  const config = (metadata.PROXY_CONFIG ?? {}) as { readonly readinessProbe?: unknown };
  return group === undefined ? undefined : {
    group, namespace, serviceAccount, labels, address: addresses[0], probed: typeof config.readinessProbe === 'object', ...(network !== undefined && { network }),
  };
}

function nameOf({ key }: Member): string {
  return key.slice(key.indexOf('/') + 1);
}

/** Why a machine is not taken in: everybody would send it what is for the workloads of the group. */
function faultOf({ machine, namespace, serviceAccount, trusted }: Member, entry: Resource | undefined, group: Resource | undefined): string | undefined {
  const of = entry ?? group;
  if (!of) return machine ? `a machine registers itself for it, but there is no WorkloadGroup ${namespace}/${machine.group}: apply it, or correct ISTIO_META_AUTO_REGISTER_GROUP of the machine` : undefined;
  if (!trusted) return 'its machine has come without a certificate, so anybody could be it and nobody is sent there: connect it to the secured port (15012)';
  const wanted = entry ? (entry.spec as WorkloadEntrySpec | undefined)?.serviceAccount : (group?.spec as Partial<WorkloadGroupSpec> | undefined)?.template?.serviceAccount;
  return wanted && wanted !== serviceAccount
    ? `its machine is ${namespace}/${serviceAccount}, but ${of.kind} ${of.metadata.name} is for ${namespace}/${wanted}, so nobody is sent there: give the machine a token of that account (mesh token)`
    : undefined;
}
