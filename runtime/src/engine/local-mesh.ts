import { HostSide } from '../local/host-side';
import { launch, type Inside } from '../local/launch';
import type { NamespaceKind } from '../local/namespaces';
import { Relay } from '../local/relay';
import { RemoteEngine } from './remote-engine';
import type { StartOptions } from './wire';

export interface LocalMeshOptions extends StartOptions {
  /** From `checkHost`. */
  readonly kind: NamespaceKind;
  /** The command line of `mesh`. */
  readonly mesh: readonly string[];
  /** Localhost port for port 80 of the first gateway. */
  readonly port: number;
  readonly onLine?: (line: string) => void;
}

/** Where a port of a gateway is reached from this machine. */
export interface Opening {
  /** `namespace/name` of the gateway's Service. */
  readonly service: string;
  readonly port: number;
  readonly localPort: number;
}

const HTTP = 80;
const HTTPS = 443;

/** A mesh in namespaces of its own, and its ways to this machine: localhost ports to the gateways, the network outside. */
export class LocalMesh {
  public readonly engine: RemoteEngine;
  /** Resolves when the inside has ended, by itself or by `close`. */
  public readonly ended: Promise<number>;
  private readonly relays = new Map<string, Promise<Relay>>();
  private closed = false;

  public static async start(options: LocalMeshOptions): Promise<LocalMesh> {
    const inside = await launch({ kind: options.kind, command: [...options.mesh, 'engine'] });
    const host = options.offline ? undefined : new HostSide(inside);
    const mesh = new LocalMesh(inside, host, options);
    try {
      await host?.start();
      const { name, envoy, inject, verbose, offline, cacerts } = options;
      await mesh.engine.start({ name, envoy, inject, verbose, ...(offline ? { offline } : {}), ...(cacerts === undefined ? {} : { cacerts }) });
      return mesh;
    } catch (error) {
      await mesh.close();
      throw error;
    }
  }

  private constructor(private readonly inside: Inside, private readonly host: HostSide | undefined, private readonly options: LocalMeshOptions) {
    this.engine = new RemoteEngine(inside.channel, options.onLine);
    this.ended = inside.exited;
    this.engine.onState(({ exposed }) => {
      for (const [name, socket] of exposed) {
        this.open(name, socket);
      }
    });
  }

  /** The gateways' ports on localhost. */
  public async openings(): Promise<Opening[]> {
    return Promise.all([...this.relays].map(async ([name, relay]) => ({ ...parseName(name), localPort: (await relay).port })));
  }

  public async close(): Promise<void> {
    this.closed = true;
    this.host?.close();
    for (const relay of this.relays.values()) {
      relay.then((open) => open.close(), () => undefined);
    }
    await this.inside.close();
  }

  private open(name: string, socket: string): void {
    if (!this.closed && !this.relays.has(name)) {
      // One after the other, so that the first gateway gets the port that was asked for.
      const before = [...this.relays.values()].at(-1) ?? Promise.resolve();
      this.relays.set(name, before.then(() => Relay.start(this.localPort(parseName(name).port), socket)));
    }
  }

  private localPort(port: number): number {
    const { port: wanted } = this.options;
    if (port === HTTP) {
      return wanted;
    }
    return port === HTTPS ? (wanted === 0 ? 0 : wanted + HTTPS - HTTP) : port;
  }
}

function parseName(name: string): { readonly service: string; readonly port: number } {
  const colon = name.lastIndexOf(':');
  return { service: name.slice(0, colon), port: Number(name.slice(colon + 1)) };
}
