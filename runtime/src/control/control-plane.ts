import { performance } from 'node:perf_hooks';

import type { Configuration, TypeUrl } from '../model/configuration';
import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { Snapshot } from '../model/snapshot';
import type { ConnectedProxy, ConnectionStatus, Nack, XdsServer } from '../xds';
import type { ControlMetrics } from './metrics';
import { defect, refusedNode, refusedResources, uniqueProblems, withheldSecrets } from './proxy-problem';
import { Turns } from './turns';

/** Compiles what one proxy is to have; throws on nothing that users write. */
export interface ProxyCompiler {
  /** Does part of the work of `compile` at each step, so that other events can have their turn in between. */
  prepare(snapshot: Snapshot, proxy: Proxy): Iterable<void>;
  compile(snapshot: Snapshot, proxy: Proxy): { readonly configuration: Configuration; readonly problems: readonly Problem[] };
}

export interface ControlPlaneParts {
  /** Holds back what would break running traffic, per object. */
  readonly accept: (raw: Snapshot) => { readonly snapshot: Snapshot; readonly problems: readonly Problem[] };
  /** What the control plane itself adds to accepted Snapshots. */
  readonly join?: (accepted: Snapshot) => Promise<Snapshot>;
  readonly compiler: ProxyCompiler;
  /** What a node says of itself, or what is wrong with it. */
  readonly parseNode: (node: { readonly id: string; readonly metadata: Readonly<Record<string, unknown>> }) => Proxy | string;
  readonly server: Pick<XdsServer, 'setConfiguration' | 'lacks' | 'taken' | 'status'>;
  readonly metrics: ControlMetrics;
  /** What is wrong beside snapshots and proxies. */
  readonly problems?: () => readonly Problem[];
  /** Something that `state` tells has changed. */
  readonly onChange?: () => void;
  /** A mistake of ours, for the log. */
  readonly onDefect?: (error: unknown) => void;
}

interface Connection {
  readonly id: string;
  readonly proxy: Proxy;
  problems: readonly Problem[];
  readonly refusals: Map<TypeUrl, Problem>;
  withheld?: Problem;
}

export interface ControlState {
  /** The last revision that all connected proxies have been given. */
  readonly revision: number;
  readonly problems: readonly Problem[];
  readonly proxies: readonly ProxyProgress[];
}

/** How far a connected proxy has come. */
export interface ProxyProgress {
  readonly node: string;
  /** It has acknowledged, or rejected, all that it is to have. */
  readonly synced: boolean;
  /** What is missing, for people. */
  readonly lacks?: string;
  /** How many times it has acknowledged clusters or listeners on this connection: they may be warming since. */
  readonly taken: number;
}

/** Does one step of it. What goes wrong is found, and told of, when all of it is done. */
function isUnfinished(work: Iterator<void>): boolean {
  try {
    return work.next().done !== true;
  } catch {
    return false;
  }
}

/**
 * Joins source, acceptance, compile and xDS. An edit is pushed at once when nothing else is under way; edits that come while a push is
 * under way are merged into the next one.
 */
export class ControlPlane {
  private readonly connections = new Map<string, Connection>();
  /** Those that have come and were given nothing yet. */
  private readonly waiting = new Set<Connection>();
  private readonly strangers = new Map<string, Problem>();
  private newest: Snapshot | undefined;
  private latest: Snapshot | undefined;
  private accepted: Snapshot | undefined;
  private acceptanceProblems: readonly Problem[] = [];
  private pushing = false;
  private welcoming = false;
  private done = -1;

  public constructor(private readonly parts: ControlPlaneParts) {}

  /** Takes what the source knows now. */
  public update(raw: Snapshot): void {
    this.newest = raw;
    if (!this.pushing) {
      void this.push();
    }
  }

  /** The same again: what is added to it has changed. */
  public repeat(): void {
    const raw = this.newest ?? this.latest;
    if (raw) {
      this.update(raw);
    }
  }

  public connected({ id, node }: Pick<ConnectedProxy, 'id' | 'node'>): void {
    const proxy = this.parts.parseNode(node);
    if (typeof proxy === 'string') {
      this.strangers.set(id, refusedNode(node.id, proxy));
    } else {
      const connection: Connection = { id, proxy, problems: [], refusals: new Map() };
      this.connections.set(id, connection);
      if (this.accepted) {
        this.waiting.add(connection);
        if (!this.welcoming) {
          void this.welcome();
        }
      }
    }
    this.changed();
  }

  public disconnected({ id }: Pick<ConnectedProxy, 'id'>): void {
    this.connections.delete(id);
    this.strangers.delete(id);
    this.changed();
  }

  public acknowledged({ id }: ConnectedProxy, typeUrl: TypeUrl): void {
    if (this.connections.get(id)?.refusals.delete(typeUrl)) {
      this.changed();
    }
  }

  public refused({ id }: ConnectedProxy, nack: Nack): void {
    const connection = this.connections.get(id);
    if (connection) {
      connection.refusals.set(nack.typeUrl, refusedResources(connection.proxy, nack));
      this.changed();
    }
  }

  /** A proxy is to have Secrets, but came by a door where it is given none. */
  public withheld({ id }: ConnectedProxy): void {
    const connection = this.connections.get(id);
    if (connection) {
      connection.withheld = withheldSecrets(connection.proxy);
      this.changed();
    }
  }

  /** A proxy has caught up. */
  public synced(): void {
    this.changed();
  }

  public isReady(): boolean {
    return this.accepted !== undefined;
  }

  public state(): ControlState {
    const connections = [...this.connections.values()];
    const problems = [
      ...this.acceptanceProblems,
      ...connections.flatMap((connection) => [...connection.problems, ...connection.refusals.values(), ...(connection.withheld ? [connection.withheld] : [])]),
      ...this.parts.problems?.() ?? [],
      ...this.strangers.values(),
    ];
    return {
      revision: this.done,
      problems: uniqueProblems(problems),
      proxies: connections.map((connection) => this.progressOf(connection)),
    };
  }

  public status(): ConnectionStatus[] {
    return this.parts.server.status();
  }

  private progressOf({ id, proxy }: Connection): ProxyProgress {
    const { server } = this.parts;
    const lacks = server.lacks(id);
    return { node: proxy.id, synced: lacks === undefined, ...(lacks === undefined ? {} : { lacks }), taken: server.taken(id) };
  }

  private async push(): Promise<void> {
    this.pushing = true;
    for (let raw = this.newest; raw; raw = this.newest) {
      this.newest = undefined;
      this.latest = raw;
      const started = performance.now();
      const { snapshot: accepted, problems } = this.parts.accept(raw);
      const snapshot = this.parts.join ? await this.parts.join(accepted) : accepted;
      this.accepted = snapshot;
      this.acceptanceProblems = problems;
      await this.configureAll([...this.connections.values()], () => snapshot);
      this.done = raw.revision;
      this.parts.metrics.pushed(snapshot, (performance.now() - started) / 1000);
      this.changed();
    }
    this.pushing = false;
  }

  /** Gives a snapshot to those that have it not: all, or those that have come. */
  private async configureAll(connections: Iterable<Connection>, snapshot: () => Snapshot): Promise<void> {
    const turns = new Turns();
    for (const connection of connections) {
      this.waiting.delete(connection);
      const work = this.parts.compiler.prepare(snapshot(), connection.proxy)[Symbol.iterator]();
      while (isUnfinished(work) || turns.isOver()) {
        if (turns.isOver()) {
          await turns.next();
        }
      }
      if (this.connections.has(connection.id)) {
        this.configure(connection, snapshot());
      }
    }
  }

  /** Proxies that come while others are given theirs, in order. What is accepted in the meantime is what they get. */
  private async welcome(): Promise<void> {
    this.welcoming = true;
    // One may come between the end of this work and whoever waits for it.
    while (this.waiting.size > 0) {
      await this.configureAll(this.waiting, () => this.accepted as Snapshot);
    }
    this.welcoming = false;
  }

  private configure(connection: Connection, snapshot: Snapshot): void {
    try {
      const { configuration, problems } = this.parts.compiler.compile(snapshot, connection.proxy);
      connection.problems = problems;
      this.parts.server.setConfiguration(connection.id, configuration);
    } catch (error) {
      // One proxy keeps what it had; all others go on.
      connection.problems = [defect(connection.proxy, error)];
      this.parts.onDefect?.(error);
    }
  }

  private changed(): void {
    this.parts.onChange?.();
  }
}
