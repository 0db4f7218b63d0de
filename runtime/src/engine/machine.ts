import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Pod } from '../kubernetes';
import type { Channel } from '../local/channel';
import { HOST_SOCKET } from '../local/host-side';
import { LocalNetwork, POD_NETWORK } from '../local/network';
import type { StandIn } from '../local/stand-ins';
import type { Problem } from '../model/problem';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import { Cluster, type SourceObject } from '../source';
import { isControlPlane } from './control-pod';
import { ControlProcess } from './control-process';
import { Distribution } from './distribution';
import { MeshNames } from './mesh-names';
import { NetworkPolicies } from './network-policy/enforcement';
import type { PodAuthority } from './pod/agent';
import { PodAssembly } from './pod/assemble';
import type { RunningPod } from './pod/running-pod';
import { podProblems } from './pod-problem';
import { PodSet } from './pod-set';
import { Pulse } from './pulse';
import { Warmth } from './warmth';

export interface MachineOptions {
  /** The command line of `mesh`, which starts the control plane, echo servers and clients. */
  readonly mesh: readonly string[];
  /** The Envoy binary. */
  readonly envoy: string;
  readonly runDirectory: string;
  /** To the host process, for names and connections outside. */
  readonly channel?: Channel;
  /** Present: nothing outside is reached, these hosts are stood in for. */
  readonly offline?: readonly StandIn[];
  /** Whether pods get a sidecar unless they refuse. */
  readonly inject: boolean;
  /** Folder with an authority to sign with, as Istio's `cacerts`. */
  readonly cacerts?: string;
  /** Gets every line that processes write. */
  readonly onLine?: (line: string) => void;
  /** The state of a pod, the problems or the gateways have changed. */
  readonly onChange?: () => void;
}

/** Callers that do not acknowledge within that time are gone or stuck: a pod does not wait for them for ever. */
const WITHDRAW_MS = 10_000;
/** An acknowledged configuration takes effect in Envoy's workers a moment later. */
const EFFECT_MS = 20;
/** With growing delays between them this many take three seconds. */
const HOPELESS_CRASHES = 5;
const NO_INJECTION = { policy: { enabled: false, namespacesByDefault: false } };

/** Turns objects into running pods, proxies that know each other, names and addresses, and keeps it so. */
export class Machine {
  public readonly cluster: Cluster;
  public readonly control: ControlProcess;
  public readonly podSet: PodSet;
  /** Unix sockets that lead to the gateways' ports, by `namespace/name:port`. */
  public exposed: ReadonlyMap<string, string> = new Map();
  private readonly distribution: Distribution;
  private readonly policies: NetworkPolicies;
  private readonly pulse = new Pulse();
  private readonly names = new MeshNames();
  private readonly warmth = new Warmth();
  private readonly errors = new Map<string, Problem>();
  private publishing = false;

  public static async start(options: MachineOptions): Promise<Machine> {
    const { runDirectory, envoy, channel, offline } = options;
    const network = await LocalNetwork.create({ runDirectory, envoy, ...(channel ? { channel } : {}), ...(offline ? { offline } : {}) });
    const machine = new Machine(options, network);
    machine.control.start();
    return machine;
  }

  private constructor(private readonly options: MachineOptions, private readonly network: LocalNetwork) {
    this.cluster = new Cluster({ readiness: 'reported', installedGateways: true, ...(options.inject ? {} : { injection: NO_INJECTION }) });
    const xdsSocket = `${options.runDirectory}/xds`;
    const changed = () => this.changed();
    const { runDirectory, cacerts } = options;
    this.control = new ControlProcess({
      mesh: options.mesh, socket: xdsSocket, outside: wayOutside(options),
      secured: { ...authorityPlaces(runDirectory), ...(cacerts === undefined ? {} : { cacerts }) },
      whole: () => this.distribution.whole(), onState: changed, onChange: changed,
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
    this.distribution = new Distribution({
      network, control: () => this.control, onChange: changed, ...(options.offline ? { offline: options.offline } : {}),
      onExposed: (sockets) => { this.exposed = sockets; },
      onError: (error) => this.failed({ kind: 'Mesh', namespace: '', name: 'network' }, error),
    });
    this.policies = new NetworkPolicies({
      onChange: changed, onError: (error) => this.failed({ kind: 'Mesh', namespace: '', name: 'network' }, error),
    });
    network.setMeshNames((address) => this.names.of(this.snapshot(), address));
    const onPodChange = (pod: RunningPod) => this.podChanged(pod);
    this.podSet = this.createPodSet(new PodAssembly({ ...options, xdsSocket, authority: this.podAuthority(), env: this.podEnvironment(), onChange: onPodChange }));
  }

  /** Makes these the only objects. */
  public replace(objects: readonly SourceObject[]): void {
    this.cluster.replace(objects);
    this.publish();
  }

  public snapshot(): Snapshot {
    return this.cluster.snapshot();
  }

  /** The pods that are wanted now, without the control plane's own. */
  public pods(): [key: string, pod: Pod][] {
    return podsOf(this.snapshot()).filter(([, pod]) => !isControlPlane(pod));
  }

  public problems(): Problem[] {
    const running = this.podSet.all().flatMap(([, pod]) => (pod ? podProblems(pod) : []));
    return [...this.cluster.problems(), ...running, ...this.control.state.problems, ...this.errors.values()];
  }

  /** Kinds of objects that are not read and that somebody may miss, as `apiVersion Kind`. */
  public ignored(): readonly string[] {
    return this.cluster.ignored();
  }

  /**
   * Resolves when pods are as wanted and every connected proxy has acknowledged the current configuration; fails after that time, or when
   * only pods are missing that crash again and again, and says what is missing.
   */
  public async settled(timeoutMs: number): Promise<void> {
    const started = Date.now();
    await this.pulse.until(() => this.isSettled() || this.isHopeless(), timeoutMs);
    if (!this.isSettled()) {
      throw new Error(`the mesh is not as wanted after ${((Date.now() - started) / 1000).toFixed(1)} s: ${this.missing()}`);
    }
    await this.warmth.wait(() => this.control.state.proxies, (node) => this.podSet.get(podOfNode(node))?.proxy);
    await sleep(EFFECT_MS);
  }

  /** Ends all processes; the namespaces go with their process 1. */
  public async close(): Promise<void> {
    this.podSet.close();
    const pods = this.podSet.all().map(([, pod]) => pod?.shutdown());
    await Promise.all([...pods, this.control.stop(2_000), this.network.close()]);
  }

  private createPodSet(assembly: PodAssembly): PodSet {
    return new PodSet({
      addPods: async (pods) => {
        const sandboxes = await this.network.addPods(pods);
        await this.policies.begin(sandboxes);
        return sandboxes;
      },
      make: (pod, sandbox, snapshot) => {
        this.errors.delete(podKey(pod));
        const folder = this.cluster.originOfPod(podKey(pod))?.folder ?? process.cwd();
        return assembly.make(pod, sandbox, { snapshot, folder });
      },
      withdrawn: () => this.withdrawn(),
      onChange: () => this.changed(),
      onError: (pod, error) => this.failed({ kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name }, error),
    });
  }

  private publish(): void {
    for (const [key, pod] of podsOf(this.snapshot())) {
      if (isControlPlane(pod)) {
        // Its work is done by the control process, whatever the manifests say of it.
        this.cluster.setReady(key, true);
      }
    }
    const snapshot = this.snapshot();
    this.distribution.publish(snapshot);
    this.policies.publish(snapshot);
    this.podSet.reconcile(new Map(this.pods()), snapshot);
    this.changed();
  }

  private podChanged(pod: RunningPod): void {
    const key = podKey(pod.plan.pod);
    if (this.podSet.get(key) === pod) {
      this.cluster.setReady(key, pod.ready);
    }
    if (!this.publishing) {
      // Pods that become ready together are published together. Until then the mesh is not settled, which waiters are told below.
      this.publishing = true;
      setImmediate(() => {
        this.publishing = false;
        this.publish();
      });
    }
    this.changed();
  }

  private changed(): void {
    this.pulse.beat();
    this.options.onChange?.();
  }

  private failed(resource: Problem['resource'], error: Error): void {
    this.errors.set(`${resource.namespace}/${resource.name}`, { resource, path: '', message: error.message });
    this.changed();
  }

  private async withdrawn(): Promise<void> {
    const { revision } = this.distribution;
    await this.pulse.until(() => this.distribution.isDelivered(revision), WITHDRAW_MS);
    await sleep(EFFECT_MS);
  }

  private missing(): string {
    const unready = this.unready().map((key) => `pod ${key} is not ready: ${this.podSet.get(key)?.lacks ?? 'its network is made'}`);
    const late = this.distribution.late().map((node) => `${node} has not acknowledged its configuration`);
    return [...unready, ...late].join(', ') || 'pods that are to go still run';
  }

  private isSettled(): boolean {
    return !this.publishing && !this.podSet.isLeaving() && this.policies.settled && this.distribution.isDelivered() && this.unready().length === 0;
  }

  /** All that is missing are pods that crash again and again. */
  private isHopeless(): boolean {
    const unready = this.unready();
    const crashes = (key: string) => this.podSet.get(key)?.states().some(({ ready, restarts }) => !ready && restarts >= HOPELESS_CRASHES) ?? false;
    return !this.publishing && !this.podSet.isLeaving() && this.distribution.isDelivered() && unready.length > 0 && unready.every(crashes);
  }

  /** Pods that are not ready although nobody has killed their application. */
  private unready(): string[] {
    return this.pods().map(([key]) => key).filter((key) => {
      const pod = this.podSet.get(key);
      return !pod?.ready && !pod?.states().some(({ state }) => state === 'killed');
    });
  }

  private podAuthority(): PodAuthority {
    const { socket, folder } = authorityPlaces(this.options.runDirectory);
    const [rootFile, foreignRootFile, revocationFile] = ['root-cert.pem', 'foreign-roots.pem', 'ca-crl.pem'].map((name) => `${folder}/${name}`) as [string, string, string];
    return { address: `unix:${socket}`, rootFile, foreignRootFile, revocationFile, join: (identity) => this.control.join(identity) };
  }

  private podEnvironment(): Record<string, string> {
    const { standInAuthority } = this.network;
    // It is made with the first stand-in that speaks TLS.
    const authority = standInAuthority && existsSync(standInAuthority) ? standInAuthority : undefined;
    return {
      ...(process.env.HOME ? { HOME: process.env.HOME } : {}),
      ...(authority ? { SSL_CERT_FILE: authority, NODE_EXTRA_CA_CERTS: authority } : {}),
    };
  }
}

/** How the control plane gets at issuers outside: as the pods do, by way of the host process. */
function wayOutside({ offline, channel, runDirectory }: MachineOptions): string {
  return !offline && channel ? `unix:${runDirectory}/${HOST_SOCKET}@${POD_NETWORK.gateway}` : 'none';
}

/** Where agents reach the authority, and the folder with `root-cert.pem`, by which they verify it. */
function authorityPlaces(runDirectory: string): { readonly socket: string; readonly folder: string } {
  return { socket: `${runDirectory}/ca`, folder: `${runDirectory}/authority` };
}

function podsOf(snapshot: Snapshot): [string, Pod][] {
  return [...resourcesOf(snapshot, '/Pod')].map(([key, pod]) => [key, pod as Pod]);
}

/** The pod's key in a node's id, `sidecar~10.244.1.7~reviews-v1-x.shop~shop.svc.cluster.local`. */
function podOfNode(node: string): string {
  const instance = node.split('~')[2] ?? '';
  const dot = instance.lastIndexOf('.');
  return `${instance.slice(dot + 1)}/${instance.slice(0, dot)}`;
}

function podKey({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
