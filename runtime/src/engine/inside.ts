
import type { InsideContext } from '../local/launch';
import { Engine } from './engine';
import { meshStatus } from './mesh-status';
import { MeshSocket } from './mesh-socket';
import { runInPod } from './run-in-pod';
import { LINE, STATE, type EngineMethods, type EngineState, type StartOptions } from './wire';

type Handlers = { readonly [M in keyof EngineMethods]: (argument: EngineMethods[M]) => unknown };

/** The engine inside the namespaces: does what the host process asks, until that one is gone or lets go. */
export class InsideEngine {
  private engine: Engine | undefined;
  private socket: MeshSocket | undefined;
  private telling = false;

  /** `mesh` is the command line of `mesh`. */
  public constructor(private readonly context: InsideContext, private readonly mesh: readonly string[]) {
    const { channel } = context;
    for (const [method, handler] of Object.entries(this.handlers())) {
      channel.handle(method, async (argument) => {
        const result = await (handler as (given: unknown) => unknown)(argument);
        // What the answer follows from is known before the answer.
        this.tell();
        return result;
      });
    }
  }

  public async close(): Promise<void> {
    this.socket?.close();
    await this.engine?.close();
  }

  private handlers(): Handlers {
    return {
      'engine/start': (options) => this.start(options),
      'engine/load': ({ paths, follow, manifest }) => this.running.load(paths, follow, manifest),
      'engine/apply': (manifest) => this.running.apply(manifest),
      'engine/remove': (object) => this.running.remove(object),
      'engine/scale': ({ deployment, replicas }) => this.running.scale(deployment, replicas),
      'engine/kill': (target) => this.running.kill(target),
      'engine/restart': (target) => this.running.restart(target),
      'engine/reset': () => this.running.reset(),
      'engine/settled': (timeoutMs) => this.running.settled(timeoutMs),
      'engine/send': ({ origin, call, load }) => this.running.send(origin, call, load),
      'engine/stats': async (pod) => [...await this.running.stats(pod)],
      'engine/log': ({ pod, container }) => this.running.log(pod, container),
      'engine/status': () => this.socket?.status(),
      'engine/exec': ({ pod, argv }) => runInPod(this.running.running(pod), argv),
    };
  }

  private async start({ name, envoy, inject, verbose, offline, cacerts }: StartOptions): Promise<void> {
    const { channel, runDirectory } = this.context;
    const engine = await Engine.start({
      mesh: this.mesh, envoy, runDirectory, channel, inject,
      ...(offline ? { offline } : {}),
      ...(cacerts === undefined ? {} : { cacerts }),
      ...(verbose ? { onLine: (line: string) => channel.notify(LINE, line) } : {}),
      onChange: () => this.schedule(),
    });
    this.engine = engine;
    const startedAt = new Date().toISOString();
    this.socket = await MeshSocket.listen(runDirectory, engine, () => meshStatus(engine, { name, startedAt }));
  }

  private get running(): Engine {
    if (!this.engine) {
      throw new Error('the engine has not started');
    }
    return this.engine;
  }

  private schedule(): void {
    if (!this.telling) {
      this.telling = true;
      setImmediate(() => {
        this.telling = false;
        this.tell();
      });
    }
  }

  private tell(): void {
    if (this.engine) {
      const state: EngineState = { pods: this.engine.pods(), problems: this.engine.problems(), exposed: [...this.engine.exposed()] };
      this.context.channel.notify(STATE, state);
    }
  }
}
