import type { ControlState } from '../control/control-plane';
import type { ToControl } from '../control/messages';
import type { LocalNetwork } from '../local/network';
import type { StandIn } from '../local/stand-ins';
import type { Snapshot } from '../model/snapshot';
import { dnsAliases, dnsNames, encodeDelta } from '../source';
import type { ControlProcess } from './control-process';
import { gatewayServices } from './gateways';
import { outsideHosts } from './outside-hosts';
import { ServicePorts } from './service-ports';

export interface DistributionOptions {
  readonly network: LocalNetwork;
  /** Present: nothing outside is reached, these and the hosts of ServiceEntries are stood in for. */
  readonly offline?: readonly StandIn[];
  readonly control: () => ControlProcess;
  /** Unix sockets by name of the gateways' ports, `namespace/name:port`. */
  readonly onExposed: (sockets: ReadonlyMap<string, string>) => void;
  readonly onError: (error: Error) => void;
  /** Something that `isDelivered` tells may have changed. */
  readonly onChange: () => void;
}

/** Brings each Snapshot to those who need it: the control plane, name service, ClusterIPs, the gateways' way to the host. */
export class Distribution {
  private latest: Snapshot | undefined;
  /** What the control plane has. */
  private sent: Snapshot | undefined;
  private sending: Promise<void> = Promise.resolve();
  private network: Promise<void> = Promise.resolve();
  private networked: Snapshot | undefined;
  private idle = true;
  private exposed = '';

  public constructor(private readonly options: DistributionOptions) {}

  /** What a control plane that has just started is to be sent. */
  public whole(): ToControl[] {
    return this.sent ? [{ type: 'snapshot', revision: this.sent.revision, delta: encodeDelta(undefined, this.sent) }] : [];
  }

  public publish(snapshot: Snapshot): void {
    if (snapshot === this.latest) {
      return;
    }
    this.latest = snapshot;
    this.idle = false;
    this.sending = this.sending.then(() => this.send(snapshot)).catch(this.options.onError);
    this.network = Promise.all([this.sending, this.network]).then(() => this.updateNetwork(snapshot)).catch(this.options.onError).finally(() => {
      this.idle = this.latest === snapshot;
      this.options.onChange();
    });
  }

  /** Whether everybody works with the latest Snapshot: while the control plane is down, the proxies are not waited for. */
  public isDelivered(revision = this.latest?.revision ?? -1): boolean {
    const control = this.options.control();
    return this.idle && (control.lifecycle !== 'running' || isSynced(control.state, revision));
  }

  public get revision(): number {
    return this.latest?.revision ?? -1;
  }

  /** Proxies that have not acknowledged the latest Snapshot. */
  public late(): string[] {
    const { revision, proxies } = this.options.control().state;
    return revision < this.revision ? ['the control plane'] : proxies.filter(({ synced }) => !synced).map(({ node, lacks = '' }) => `${node} (${lacks})`);
  }

  /** Names first: Envoy asks for one as soon as it is told of a cluster, and where nobody knows it, not before a minute is over again. */
  private async send(snapshot: Snapshot): Promise<void> {
    if (this.latest !== snapshot) {
      // A later one follows at once.
      return;
    }
    const { network, offline, onError, control } = this.options;
    const before = this.sent;
    if (changed(before, snapshot, NETWORK_KINDS)) {
      network.setNames(dnsNames(snapshot), dnsAliases(snapshot));
    }
    if (offline && changed(before, snapshot, OUTSIDE_KINDS)) {
      await network.setStandIns(outsideHosts(snapshot, offline)).catch(onError);
    }
    control().send({ type: 'snapshot', revision: snapshot.revision, delta: encodeDelta(before, snapshot) });
    this.sent = snapshot;
  }

  private async updateNetwork(snapshot: Snapshot): Promise<void> {
    if (this.latest !== snapshot) {
      return;
    }
    const { network, onExposed } = this.options;
    const before = this.networked;
    this.networked = snapshot;
    if (changed(before, snapshot, NETWORK_KINDS)) {
      await network.setServices(new ServicePorts(snapshot).addresses());
      const open = gatewayServices(snapshot).filter((service) => service.open);
      const ports = open.flatMap((service) => service.ports.map(({ port, endpoints }) => ({ name: `${service.key}:${port}`, endpoints })));
      const exposed = JSON.stringify(ports);
      if (exposed !== this.exposed) {
        this.exposed = exposed;
        onExposed(await network.setExposed(ports));
      }
    }
  }
}

const NETWORK_KINDS = ['/Service', '/Pod', 'discovery.k8s.io/EndpointSlice'];
const OUTSIDE_KINDS = ['/Service', 'networking.istio.io/ServiceEntry'];

function changed(before: Snapshot | undefined, after: Snapshot, kinds: readonly string[]): boolean {
  return kinds.some((kind) => before?.kinds.get(kind) !== after.kinds.get(kind));
}

function isSynced({ revision, proxies }: ControlState, wanted: number): boolean {
  return revision >= wanted && proxies.every(({ synced }) => synced);
}
