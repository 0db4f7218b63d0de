import type { Channel } from '../local/channel';
import type { Answer, Call, EnginePort, Load, ObjectName, Origin, PodState } from './check/engine-port';
import type { MeshStatus } from './overview';
import { LINE, STATE, type EngineMethods, type EngineState, type LocatedProblem, type StartOptions } from './wire';

/** The engine, seen from the host process. */
export class RemoteEngine implements EnginePort {
  private state: EngineState = { pods: [], problems: [], exposed: [] };
  private readonly listeners = new Set<(state: EngineState) => void>();

  public constructor(private readonly channel: Channel, onLine: (line: string) => void = () => undefined) {
    channel.handle(STATE, (state: EngineState) => {
      this.state = state;
      this.listeners.forEach((listener) => listener(state));
    });
    channel.handle(LINE, onLine);
  }

  public start(options: StartOptions): Promise<void> {
    return this.call('engine/start', options);
  }

  public load(paths: readonly string[], follow: boolean, manifest?: string): Promise<void> {
    return this.call('engine/load', { paths, follow, ...(manifest ? { manifest } : {}) });
  }

  public onState(listener: (state: EngineState) => void): void {
    this.listeners.add(listener);
  }

  public pods(): readonly PodState[] {
    return this.state.pods;
  }

  public problems(): readonly LocatedProblem[] {
    return this.state.problems;
  }

  public exposed(): EngineState['exposed'] {
    return this.state.exposed;
  }

  public apply(manifest: string): Promise<void> {
    return this.call('engine/apply', manifest);
  }

  public remove(object: ObjectName): Promise<void> {
    return this.call('engine/remove', object);
  }

  public scale(deployment: { readonly namespace: string; readonly name: string }, replicas: number): Promise<void> {
    return this.call('engine/scale', { deployment, replicas });
  }

  public kill(target: string): Promise<void> {
    return this.call('engine/kill', target);
  }

  public restart(target: string): Promise<void> {
    return this.call('engine/restart', target);
  }

  public reset(): Promise<void> {
    return this.call('engine/reset', undefined);
  }

  /** Fails when the mesh is not as wanted after `timeoutMs`, and says what is missing. */
  public settled(timeoutMs?: number): Promise<void> {
    return this.call('engine/settled', timeoutMs);
  }

  public send(origin: Origin, call: Call, load: Load): Promise<Answer[]> {
    return this.call('engine/send', { origin, call, load });
  }

  public async stats(pod: string): Promise<ReadonlyMap<string, number>> {
    return new Map(await this.call<[string, number][]>('engine/stats', pod));
  }

  public log(pod: string, container: string): Promise<readonly string[]> {
    return this.call('engine/log', { pod, container });
  }

  public status(): Promise<MeshStatus> {
    return this.call('engine/status', undefined);
  }

  /** Runs a command in a pod to its end. */
  public exec(pod: string, argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    return this.call('engine/exec', { pod, argv });
  }

  private call<Result, Method extends keyof EngineMethods = keyof EngineMethods>(method: Method, argument: EngineMethods[Method]): Promise<Result> {
    return this.channel.call(method, argument);
  }
}
