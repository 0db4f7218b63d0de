import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ProxyStatus } from '../control/messages';
import type { Pod } from '../kubernetes';
import type { Channel } from '../local/channel';
import { LocalNetwork } from '../local/network';
import type { StandIn } from '../local/stand-ins';
import type { Problem } from '../model/problem';
import { resourcesOf, type ResourceMap, type Snapshot } from '../model/snapshot';
import { Cluster, parseText, watchFiles, type FileWatch } from '../source';
import type { Answer, Call, EnginePort, Load, ObjectName, Origin, PodState } from './check/engine-port';
import { ControlProcess } from './control-process';
import { Distribution } from './distribution';
import { gatewayServices } from './gateways';
import { isControlPlane } from './control-pod';
import type { PodStatus } from './overview';
import { PodAssembly } from './pod/assemble';
import type { Log } from './pod/log';
import { LOG_FLUSH_MS } from './pod/proxy';
import type { RunningPod } from './pod/running-pod';
import { findPods } from './pod-name';
import { PodSet } from './pod-set';
import { Pulse } from './pulse';
import { RequestClients } from './request-clients';
import { World } from './world';

export interface EngineOptions {
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
  /** Gets every line that processes write. */
  readonly onLine?: (line: string) => void;
  /** The state of a pod, the problems or the gateways have changed. */
  readonly onChange?: () => void;
}

const SETTLE_MS = 120_000;
/** Callers that do not acknowledge within that time are gone or stuck: a pod does not wait for them for ever. */
const WITHDRAW_MS = 10_000;
/** An acknowledged configuration takes effect in Envoy's workers a moment later. */
const EFFECT_MS = 20;

/** A running mesh on one machine, inside namespaces of its own: the world of its files as pods, real Envoys and a control plane. */
export class Engine implements EnginePort {
  private readonly world = new World();
  private readonly cluster: Cluster;
  private readonly pulse = new Pulse();
  private readonly podSet: PodSet;
  private readonly control: ControlProcess;
  private readonly distribution: Distribution;
  private readonly clients: RequestClients;
  private readonly errors = new Map<string, Problem>();
  private fileProblems: readonly Problem[] = [];
  private watch: FileWatch | undefined;
  private sockets: ReadonlyMap<string, string> = new Map();
  private publishing = false;

  public static async start(options: EngineOptions): Promise<Engine> {
    const { runDirectory, envoy, channel, offline } = options;
    const network = await LocalNetwork.create({ runDirectory, envoy, ...(channel ? { channel } : {}), ...(offline ? { offline } : {}) });
    const engine = new Engine(options, network);
    engine.control.start();
    return engine;
  }

  private constructor(private readonly options: EngineOptions, private readonly network: LocalNetwork) {
    this.cluster = new Cluster({ readiness: 'reported', ...(options.inject ? {} : { injection: { policy: { enabled: false, namespacesByDefault: false } } }) });
    const xdsSocket = `${options.runDirectory}/xds`;
    const assembly = new PodAssembly({ ...options, xdsSocket, env: this.podEnvironment(), onChange: (pod) => this.podChanged(pod) });
    this.control = new ControlProcess({
      mesh: options.mesh, socket: xdsSocket, ...(options.onLine ? { onLine: options.onLine } : {}),
      whole: () => this.distribution.whole(),
      onState: () => this.changed(),
      onChange: () => this.changed(),
    });
    this.distribution = new Distribution({
      network, control: () => this.control,
      onExposed: (sockets) => { this.sockets = sockets; },
      onError: (error) => this.failed('the network', error),
      onChange: () => this.changed(),
    });
    this.podSet = new PodSet({
      addPods: (pods) => network.addPods(pods),
      make: (pod, sandbox, snapshot) => assembly.make(pod, sandbox, { snapshot, folder: this.folderOf(pod) }),
      withdrawn: () => this.withdrawn(),
      onChange: () => this.changed(),
      onError: (pod, error) => this.failed(podKey(pod), error),
    });
    this.clients = new RequestClients(options.mesh);
  }

  /** Reads files and folders, and follows their changes while the mesh runs if `follow` is set. */
  public async load(paths: readonly string[], follow: boolean): Promise<void> {
    this.watch?.close();
    this.watch = await watchFiles(paths, (reading) => this.read(reading));
    this.read(this.watch.reading);
    if (!follow) {
      this.watch.close();
    }
  }

  public pods(): readonly PodState[] {
    return this.wantedPods().map(([key, pod]) => this.podState(key, pod));
  }

  public apply(manifest: string): Promise<void> {
    const { objects, problems } = parseText(manifest, { file: 'the applied manifest', folder: process.cwd() });
    if (problems.length > 0) {
      throw new Error(problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; '));
    }
    return this.change(() => this.world.apply(objects));
  }

  public remove(object: ObjectName): Promise<void> {
    return this.change(() => this.world.remove(object));
  }

  public scale(deployment: { readonly namespace: string; readonly name: string }, replicas: number): Promise<void> {
    return this.change(() => this.world.scale(deployment, replicas));
  }

  public kill(target: string): Promise<void> {
    return target === CONTROL_PLANE ? this.control.kill() : this.running(target).kill();
  }

  public restart(target: string): Promise<void> {
    return target === CONTROL_PLANE ? this.control.restart(5_000) : this.running(target).restart();
  }

  public async reset(): Promise<void> {
    await this.change(() => this.world.reset());
    this.control.start();
    for (const [, pod] of this.podSet.all()) {
      pod?.resume();
    }
  }

  public async settled(): Promise<void> {
    const settled = await this.pulse.until(() => this.isSettled(), SETTLE_MS);
    if (!settled) {
      throw new Error(`the mesh did not settle within ${SETTLE_MS / 1000} s: ${this.unsettled().join(', ')}`);
    }
    await sleep(EFFECT_MS);
  }

  public send(origin: Origin, call: Call, load: Load): Promise<Answer[]> {
    if ('pod' in origin) {
      return this.clients.fromPod(this.running(origin.pod), call, load);
    }
    return this.clients.fromOutside(gatewayServices(this.cluster.snapshot()), { origin, call, load });
  }

  public async stats(pod: string): Promise<ReadonlyMap<string, number>> {
    const { proxy } = this.running(pod);
    if (!proxy) {
      throw new Error(`pod ${pod} has no Envoy: it is not injected`);
    }
    return proxy.stats();
  }

  public async log(pod: string, container: string): Promise<readonly string[]> {
    await sleep(2 * LOG_FLUSH_MS);
    return this.running(pod).log(container).all().filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
  }

  public problems(): readonly Problem[] {
    const plans = this.podSet.all().flatMap(([, pod]) => pod?.plan.problems ?? []);
    return [...this.fileProblems, ...this.cluster.problems(), ...plans, ...this.control.state.problems, ...this.errors.values()];
  }

  /** Kinds that were found and mean nothing here. */
  public ignored(): readonly string[] {
    return this.cluster.ignored();
  }

  public snapshot(): Snapshot {
    return this.cluster.snapshot();
  }

  /** A pod at work, by `namespace/name`; throws when it is not there. */
  public running(key: string): RunningPod {
    const pod = this.podSet.get(key);
    if (!pod) {
      throw new Error(`there is no pod ${key}; there are ${this.pods().map(({ namespace, name }) => `${namespace}/${name}`).join(', ') || 'none'}`);
    }
    return pod;
  }

  public proxies(): Promise<readonly ProxyStatus[]> {
    return this.control.proxies();
  }

  public podStatus(): PodStatus[] {
    return this.wantedPods().map(([key, { metadata, status }]) => {
      const pod = this.podSet.get(key);
      return { namespace: metadata.namespace, name: metadata.name, address: status.podIP, ready: pod?.ready ?? false, containers: pod?.states() ?? [] };
    });
  }

  /** What containers have written: of pods by name, or of all and the control plane. */
  public logs(of?: string, container?: string): readonly { readonly pod: string; readonly container: string; readonly log: Log }[] {
    const control = { pod: CONTROL_PLANE, container: 'control', log: this.control.log };
    if (of === CONTROL_PLANE) {
      return [control];
    }
    const keys = of === undefined ? this.wantedPods().map(([key]) => key) : findPods(this.pods(), of);
    const logs = keys.flatMap((key) => {
      const names = this.podSet.get(key)?.containerNames() ?? [];
      return names.filter((name) => container === undefined || name === container).map((name) => ({ pod: key, container: name, log: this.running(key).log(name) }));
    });
    return of === undefined && container === undefined ? [control, ...logs] : logs;
  }

  public get controlPlane(): ControlProcess {
    return this.control;
  }

  /** Unix sockets that lead to the gateways' ports, by `namespace/name:port`. */
  public exposed(): ReadonlyMap<string, string> {
    return this.sockets;
  }

  /** Ends all processes, applications first; the namespaces go with their process 1. */
  public async close(): Promise<void> {
    this.watch?.close();
    this.podSet.close();
    this.clients.close();
    await Promise.all([...this.podSet.all().map(([, pod]) => pod?.shutdown()), this.control.stop(2_000), this.network.close()]);
  }

  private read({ objects, problems }: FileWatch['reading']): void {
    this.fileProblems = problems;
    this.world.setFiles(objects);
    this.sync();
  }

  private async change(action: () => void): Promise<void> {
    action();
    this.sync();
  }

  private sync(): void {
    this.cluster.replace(this.world.objects());
    this.publish();
  }

  private publish(): void {
    const snapshot = this.cluster.snapshot();
    const pods = new Map(podsOf(snapshot));
    for (const [key, pod] of pods) {
      if (isControlPlane(pod)) {
        // Its work is done by the control process, whatever the manifests say of it.
        pods.delete(key);
        this.cluster.setReady(key, true);
      }
    }
    this.distribution.publish(this.cluster.snapshot());
    this.podSet.reconcile(pods, this.cluster.snapshot());
    this.changed();
  }

  private podChanged(pod: RunningPod): void {
    const key = podKey(pod.plan.pod);
    if (this.podSet.get(key) === pod) {
      this.cluster.setReady(key, pod.ready);
    }
    this.changed();
    if (this.publishing) {
      return;
    }
    // Pods that become ready together are published together.
    this.publishing = true;
    setImmediate(() => {
      this.publishing = false;
      this.publish();
    });
  }

  private changed(): void {
    this.pulse.beat();
    this.options.onChange?.();
  }

  private failed(what: string, error: Error): void {
    const [namespace = '', name = what] = what.includes('/') ? what.split('/') : [];
    this.errors.set(what, { resource: { kind: namespace ? 'Pod' : 'Mesh', namespace, name }, path: '', message: error.message });
    this.changed();
  }

  private async withdrawn(): Promise<void> {
    const { revision } = this.distribution;
    await this.pulse.until(() => this.distribution.isDelivered(revision), WITHDRAW_MS);
    await sleep(EFFECT_MS);
  }

  private isSettled(): boolean {
    return !this.publishing && !this.podSet.isLeaving() && this.distribution.isDelivered() && this.unready().length === 0;
  }

  private unsettled(): string[] {
    return [...this.unready().map((key) => `pod ${key} is not ready`), ...this.distribution.late().map((node) => `${node} has not acknowledged`)];
  }

  /** Pods that are not ready although nobody has killed their application. */
  private unready(): string[] {
    return this.wantedPods().map(([key]) => key).filter((key) => {
      const pod = this.podSet.get(key);
      return !pod?.ready && !pod?.states().some(({ state }) => state === 'killed');
    });
  }

  private wantedPods(): [string, Pod][] {
    return podsOf(this.cluster.snapshot()).filter(([, pod]) => !isControlPlane(pod));
  }

  private podState(key: string, pod: Pod): PodState {
    const running = this.podSet.get(key);
    const { namespace, name, labels = {} } = pod.metadata;
    return { namespace, name, labels, ready: running?.ready ?? false, containers: running?.containerNames() ?? [] };
  }

  private folderOf(pod: Pod): string {
    return this.cluster.originOfPod(podKey(pod))?.folder ?? process.cwd();
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

/** What checks and users call the control plane. */
const CONTROL_PLANE = 'istiod';

function podsOf(snapshot: Snapshot): [string, Pod][] {
  return [...resourcesOf(snapshot, '/Pod') as ResourceMap].map(([key, pod]) => [key, pod as Pod]);
}

function podKey({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}
