import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from './channel';
import { DnsServer } from './dns-server';
import type { Zone } from './dns-zone';
import { HOST_SOCKET, RESOLVE } from './host-side';
import { NamespaceHolder } from './namespace-holder';
import { Outside } from './outside';
import { OUTSIDE_PORT, type Endpoint, type OutsideState, type ServicePort } from './outside-config';
import { placeFiles, podFiles } from './pod-files';
import { PodSandbox, podNetworkScript, type PodOptions } from './pod-sandbox';
import { StandIns, type StandIn } from './stand-ins';
import { mustRun } from './tool';

/** The pods' network. No pod may have the addresses of the machine itself: the bridge takes the first, and the name service another. */
export const POD_NETWORK = { address: '10.244.0.0', prefixLength: 16, gateway: '10.244.0.1', machine: '10.244.0.0/24' } as const;

/** Who answers applications whose proxy tells them names; proxies themselves, and everybody else, ask the gateway's address. */
const MESH_DNS = '10.244.0.2';

const BRIDGE = 'mesh0';
/** Kubernetes' range of node ports; the bridge is the node. */
const NODE_PORTS = '30000:32767';
const DNS_PORT = 53;
/** Nobody listens here: datagrams that are sent here are refused at once, where those that lead nowhere would be lost in silence. */
const CLOSED_PORT = 9;

export interface LocalNetworkOptions {
  /** From `insideContext()`. */
  readonly runDirectory: string;
  /** The Envoy binary. */
  readonly envoy: string;
  /** To the host process, which resolves names and connects to what is outside. Unused when there are stand-ins. */
  readonly channel?: Channel;
  /** Present (even if empty): no host outside is reached, these are stood in for. */
  readonly offline?: readonly StandIn[];
}

/** The network of a mesh on one machine: a bridge with pods, their names, the ClusterIPs and the world outside. Lives inside `launch`. */
export class LocalNetwork {
  private readonly outside: Outside;
  private readonly standIns: StandIns;
  private dns: readonly DnsServer[] = [];
  private meshNames: (client: string) => Zone['names'] | undefined = () => undefined;
  private names: ReadonlyMap<string, readonly string[]> = new Map();
  private aliases: ReadonlyMap<string, string> = new Map();
  private state: OutsideState = { services: [], exposed: [], standIns: [] };
  private change: Promise<unknown> = Promise.resolve();
  private links = 0;

  private constructor(private readonly options: LocalNetworkOptions) {
    this.outside = new Outside({ envoy: options.envoy, folder: join(options.runDirectory, 'out') });
    this.standIns = new StandIns(join(options.runDirectory, 'si'));
  }

  public static async create(options: LocalNetworkOptions): Promise<LocalNetwork> {
    const network = new LocalNetwork(options);
    await network.start();
    return network;
  }

  /** The authority that signed the stand-ins' certificates, for SSL_CERT_FILE and NODE_EXTRA_CA_CERTS of the pods' programs. */
  public get standInAuthority(): string | undefined {
    return this.options.offline ? this.standIns.caFile : undefined;
  }

  /** Makes pods: namespaces, addresses, files. Many at once take little longer than one. */
  public async addPods(pods: readonly PodOptions[]): Promise<PodSandbox[]> {
    const made = pods.map((pod) => this.prepare(pod));
    try {
      await Promise.all(made.map(({ holder }) => holder.run('true')));
      await mustRun(['ip', '-batch', '-'], made.map(({ pod, link, holder }) => linkCommands(pod, link, holder.pid)).join(''));
      await Promise.all(made.map(({ pod, holder, place }) => holder.run(
        `${podNetworkScript(pod, POD_NETWORK.prefixLength, POD_NETWORK.gateway)}\n${place}`,
      )));
    } catch (error) {
      await Promise.all(made.map(({ holder }) => holder.end()));
      throw new Error(`cannot make the pods ${pods.map(({ name }) => name).join(', ')}: ${(error as Error).message}`);
    }
    return made.map(({ pod, holder, link, folder }) => new PodSandbox(pod, holder, { link, folder }));
  }

  /** What names resolve to, from now on: addresses by full name, and full names that stand for other names. */
  public setNames(names: ReadonlyMap<string, readonly string[]>, aliases: ReadonlyMap<string, string> = new Map()): void {
    this.names = names;
    this.aliases = aliases;
  }

  /** What applications in the pod with an address are told before everybody's names. Asked for at each question. */
  public setMeshNames(names: (podAddress: string) => Zone['names'] | undefined): void {
    this.meshNames = names;
  }

  /** The ClusterIPs and their endpoints, for pods without a sidecar. Resolves when in force. */
  public setServices(services: readonly ServicePort[]): Promise<void> {
    return this.update({ services });
  }

  /** The ports of pods that the host process is to reach. Resolves with the Unix sockets by name, when they listen. */
  public async setExposed(ports: readonly { readonly name: string; readonly endpoints: readonly Endpoint[] }[]): Promise<ReadonlyMap<string, string>> {
    const exposed = ports.map(({ name, endpoints }) => ({ name, endpoints, socket: this.socketOf(name) }));
    await this.update({ exposed });
    return new Map(exposed.map(({ name, socket }) => [name, socket]));
  }

  /** Replaces the stand-ins of a network that was made with `offline`. */
  public async setStandIns(standIns: readonly StandIn[]): Promise<void> {
    await this.update({ standIns: await this.standIns.set(standIns) });
  }

  /** Ends servers and the outside Envoy; the namespaces go with `launch`. */
  public async close(): Promise<void> {
    this.dns.forEach((server) => server.close());
    this.standIns.close();
    await this.outside.close();
  }

  private async start(): Promise<void> {
    const { runDirectory, offline, channel } = this.options;
    for (const folder of ['out', 'ex', 'pods']) mkdirSync(join(runDirectory, folder), { recursive: true });
    const standIns = offline ? await this.standIns.set(offline) : [];
    this.state = { ...this.state, standIns, ...(!offline && channel ? { hostSocket: join(runDirectory, HOST_SOCKET) } : {}) };
    await mustRun(['ip', '-batch', '-'], bridgeCommands());
    makeFailuresFast();
    const zone = (): Zone => ({ names: this.names, aliases: this.aliases, outside: (name) => this.resolveOutside(name) });
    const meshZone = (client: string): Zone => ({ ...zone(), first: this.meshNames(client) });
    const [dns] = await Promise.all([
      Promise.all([DnsServer.start(POD_NETWORK.gateway, DNS_PORT, zone), DnsServer.start(MESH_DNS, DNS_PORT, meshZone)]),
      mustRun(['iptables-restore'], redirectRules()),
      this.outside.start(this.state),
    ]);
    this.dns = dns;
  }

  private prepare(pod: PodOptions) {
    const link = `pod${++this.links}`;
    const folder = join(this.options.runDirectory, 'pods', link);
    const place = placeFiles(podFiles({ ...pod, dns: pod.toldNames ? MESH_DNS : POD_NETWORK.gateway }), folder);
    const holder = new NamespaceHolder();
    return { pod, link, folder, place, holder };
  }

  /** One change after the other, so that the last one wins. */
  private update(change: Partial<OutsideState>): Promise<void> {
    this.state = { ...this.state, ...change };
    const done = this.change.catch(() => undefined).then(() => this.outside.update(this.state));
    this.change = done;
    return done;
  }

  private async resolveOutside(name: string): Promise<readonly string[] | undefined> {
    if (this.options.offline) {
      const more = this.standIns.discover(name);
      if (more) await this.setStandIns(more);
      const address = this.standIns.addressOf(name);
      return address === undefined ? undefined : [address];
    }
    const found = await this.options.channel?.call<readonly string[] | null>(RESOLVE, name).catch(() => null);
    return found ?? undefined;
  }

  /** By hash: the path of a socket has 108 bytes, and one that is longer makes Envoy refuse all other listeners with it. */
  private socketOf(name: string): string {
    return join(this.options.runDirectory, 'ex', createHash('sha256').update(name).digest('hex').slice(0, 16));
  }
}

/** A pod that is gone is noticed after three requests for its hardware address, which are sent at this pace. */
function makeFailuresFast(): void {
  try {
    writeFileSync(`/proc/sys/net/ipv4/neigh/${BRIDGE}/retrans_time_ms`, '100');
  } catch {
    // Where settings are read-only it takes three seconds.
  }
}

/** The address of the hardware follows from that of the pod: a pod that comes back is known to its neighbours at once. */
function hardwareAddress(address: string): string {
  return ['0a', '58', ...address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

function bridgeCommands(): string {
  return [
    'link set lo up',
    `link add ${BRIDGE} address ${hardwareAddress(POD_NETWORK.gateway)} type bridge`,
    `addr add ${POD_NETWORK.gateway}/${POD_NETWORK.prefixLength} dev ${BRIDGE}`,
    `addr add ${MESH_DNS}/${POD_NETWORK.prefixLength} dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
  ].join('\n');
}

function linkCommands(pod: PodOptions, link: string, pid: number): string {
  return [
    `link add ${link} type veth peer name eth0 address ${hardwareAddress(pod.address)} netns ${pid}`,
    `link set ${link} master ${BRIDGE} up`,
    '',
  ].join('\n');
}

/** Whatever a pod sends beyond the pods' network ends here: TCP at the outside Envoy, name service at our server, the rest is refused. */
function redirectRules(): string {
  const beyond = `-i ${BRIDGE} ! -d ${POD_NETWORK.address}/${POD_NETWORK.prefixLength}`;
  return [
    '*nat',
    `-A PREROUTING ${beyond} -p tcp -j REDIRECT --to-ports ${OUTSIDE_PORT}`,
    `-A PREROUTING -i ${BRIDGE} -d ${POD_NETWORK.gateway} -p tcp --dport ${NODE_PORTS} -j REDIRECT --to-ports ${OUTSIDE_PORT}`,
    `-A PREROUTING ${beyond} -p udp --dport ${DNS_PORT} -j REDIRECT --to-ports ${DNS_PORT}`,
    `-A PREROUTING ${beyond} -p udp -j REDIRECT --to-ports ${CLOSED_PORT}`,
    'COMMIT',
    '',
  ].join('\n');
}
