import { setTimeout as sleep } from 'node:timers/promises';

import type { ProxyStatus } from '../control/messages';
import type { ResourceRef } from '../model/problem';
import type { Snapshot } from '../model/snapshot';
import { parseText, watchFiles, type FileWatch } from '../source';
import type { SourceObject } from '../source/object';
import type { Answer, Call, EnginePort, Load, ObjectName, Origin, PodState } from './check/engine-port';
import type { ControlProcess } from './control-process';
import { gatewayServices } from './gateways';
import { Machine, type MachineOptions } from './machine';
import type { PodStatus } from './overview';
import type { Log } from './pod/log';
import { LOG_FLUSH_MS } from './pod/proxy';
import type { RunningPod } from './pod/running-pod';
import { findPods } from './pod-name';
import type { LocatedProblem } from './wire';
import { RequestClients } from './request-clients';
import { World } from './world';

export type EngineOptions = MachineOptions;

/** What a container has written. */
export interface ContainerLog {
  /** `namespace/name`, or `istiod`. */
  readonly pod: string;
  readonly container: string;
  readonly log: Log;
}

const SETTLE_MS = 120_000;
/** What checks and users call the control plane. */
const CONTROL_PLANE = 'istiod';
/** Where objects stand that came by `apply`. */
const APPLIED = 'the applied manifest';

/** A running mesh on one machine, inside namespaces of its own: the world of its files as pods, real Envoys and a control plane. */
export class Engine implements EnginePort {
  private readonly world = new World();
  private readonly clients: RequestClients;
  private fileProblems: FileWatch['reading']['problems'] = [];
  private watch: FileWatch | undefined;
  /** Objects of the start that stand in no file. */
  private given: readonly SourceObject[] = [];

  public static async start(options: EngineOptions): Promise<Engine> {
    return new Engine(await Machine.start(options), options.mesh);
  }

  private constructor(private readonly machine: Machine, mesh: readonly string[]) {
    this.clients = new RequestClients(mesh);
  }

  /** Reads files and folders, and follows their changes while the mesh runs if `follow` is set. The objects of `manifest` stand beside them. */
  public async load(paths: readonly string[], follow: boolean, manifest = ''): Promise<void> {
    this.watch?.close();
    this.given = this.parse(manifest);
    this.watch = await watchFiles(paths, (reading) => this.read(reading));
    this.read(this.watch.reading);
    if (!follow) {
      this.watch.close();
    }
  }

  public pods(): readonly PodState[] {
    return this.machine.pods().map(([key, { metadata: { namespace, name, labels = {} } }]) => {
      const running = this.machine.podSet.get(key);
      return { namespace, name, labels, ready: running?.ready ?? false, containers: running?.containerNames() ?? [] };
    });
  }

  public async apply(manifest: string): Promise<void> {
    const objects = this.parse(manifest);
    this.change(() => this.world.apply(objects));
  }

  public async remove(object: ObjectName): Promise<void> {
    this.change(() => this.world.remove(object));
  }

  public async scale(deployment: { readonly namespace: string; readonly name: string }, replicas: number): Promise<void> {
    this.change(() => this.world.scale(deployment, replicas));
  }

  public kill(target: string): Promise<void> {
    return target === CONTROL_PLANE ? this.controlPlane.kill() : this.running(target).kill();
  }

  public restart(target: string): Promise<void> {
    return target === CONTROL_PLANE ? this.controlPlane.restart(5_000) : this.running(target).restart();
  }

  public async reset(): Promise<void> {
    this.change(() => this.world.reset());
    this.controlPlane.start();
    for (const [, pod] of this.machine.podSet.all()) {
      pod?.resume();
    }
  }

  /** Fails when the mesh is not as wanted after `timeoutMs`, and says what is missing. */
  public settled(timeoutMs = SETTLE_MS): Promise<void> {
    return this.machine.settled(timeoutMs);
  }

  public send(origin: Origin, call: Call, load: Load): Promise<Answer[]> {
    return 'pod' in origin
      ? this.clients.fromPod(this.running(origin.pod), call, load)
      : this.clients.fromOutside(gatewayServices(this.snapshot()), { origin, call, load });
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

  /** Kinds of objects that are not read and that somebody may miss, as `apiVersion Kind`. */
  public ignored(): readonly string[] {
    return this.machine.ignored();
  }

  public problems(): readonly LocatedProblem[] {
    return [...this.fileProblems, ...this.machine.problems()].map((problem) => {
      const at = this.placeOf(problem.resource);
      return at === undefined ? problem : { ...problem, at };
    });
  }

  public snapshot(): Snapshot {
    return this.machine.snapshot();
  }

  /** A pod at work, by `namespace/name`; throws when it is not there. */
  public running(key: string): RunningPod {
    const pod = this.machine.podSet.get(key);
    if (!pod) {
      throw new Error(`there is no pod ${key}; there are ${this.pods().map(({ namespace, name }) => `${namespace}/${name}`).join(', ') || 'none'}`);
    }
    return pod;
  }

  public get controlPlane(): ControlProcess {
    return this.machine.control;
  }

  public proxies(): Promise<readonly ProxyStatus[]> {
    return this.controlPlane.proxies();
  }

  public podStatus(): PodStatus[] {
    return this.machine.pods().map(([key, { metadata, status }]) => {
      const pod = this.machine.podSet.get(key);
      return { namespace: metadata.namespace, name: metadata.name, address: status.podIP, ready: pod?.ready ?? false, containers: pod?.states() ?? [] };
    });
  }

  /** What containers have written: of pods by name, or of all and the control plane. */
  public logs(of?: string, container?: string): readonly ContainerLog[] {
    const control = { pod: CONTROL_PLANE, container: 'control', log: this.controlPlane.log };
    if (of === CONTROL_PLANE) {
      return [control];
    }
    const keys = of === undefined ? this.machine.pods().map(([key]) => key) : findPods(this.pods(), of, this.snapshot());
    const logs = keys.flatMap((key) => {
      const pod = this.machine.podSet.get(key);
      const names = pod?.containerNames().filter((name) => container === undefined || name === container) ?? [];
      return names.map((name) => ({ pod: key, container: name, log: (pod as RunningPod).log(name) }));
    });
    return of === undefined && container === undefined ? [control, ...logs] : logs;
  }

  /** Unix sockets that lead to the gateways' ports, by `namespace/name:port`. */
  public exposed(): ReadonlyMap<string, string> {
    return this.machine.exposed;
  }

  public async close(): Promise<void> {
    this.watch?.close();
    this.clients.close();
    await this.machine.close();
  }

  private read({ objects, problems }: FileWatch['reading']): void {
    this.fileProblems = problems;
    this.change(() => this.world.setFiles([...objects, ...this.given]));
  }

  private parse(manifest: string): readonly SourceObject[] {
    const { objects, problems } = parseText(manifest, { file: APPLIED, folder: process.cwd() });
    if (problems.length > 0) {
      throw new Error(problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; '));
    }
    return objects;
  }

  private change(action: () => void): void {
    action();
    this.machine.replace(this.world.objects());
  }

  /** `dist/shop.k8s.yaml:17`; of a pod, where its workload stands. */
  private placeOf(resource: ResourceRef): string | undefined {
    const origin = this.world.originOf(resource)
      ?? (resource.kind === 'Pod' ? this.machine.cluster.originOfPod(`${resource.namespace}/${resource.name}`) : undefined);
    return origin && (origin.file === APPLIED ? APPLIED : `${origin.file}:${origin.line}`);
  }
}
