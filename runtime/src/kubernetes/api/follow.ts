import type { IncomingMessage } from 'node:http';

import { ApiError, type KubernetesApi } from './client';
import type { ApiObject } from './object';

export interface Following {
  /** Of a collection, such as `/api/v1/namespaces`. */
  readonly path: string;
  /** One object only, of that name. @default all */
  readonly name?: string;
  /** All objects as they are now, by `NAMESPACE/NAME`: first when they are known, then after each change. */
  readonly onChange: (objects: ReadonlyMap<string, ApiObject>) => void;
  /** Why nothing is known for now. */
  readonly onFault: (message: string) => void;
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiObject & { readonly code?: number; readonly message?: string };
}

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items?: readonly ApiObject[];
}

/** The server ends a watch after that; a connection that is silent for longer is dead. */
const WATCH_SECONDS = 290;
const SILENCE_MS = (WATCH_SECONDS + 30) * 1000;
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [500, 30_000];
/** Of one event: objects have 3 MB at most (https://etcd.io/docs/v3.6/dev-guide/limit/). */
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * A collection of the API, and its changes: list, then watch from there, and anew when the server has forgotten where that was
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 *
 * @returns ends it
 */
export function followObjects(api: KubernetesApi, following: Following): () => void {
  const follower = new Follower(api, following);
  void follower.run();
  return () => follower.close();
}

class Follower {
  private objects = new Map<string, ApiObject>();
  private version: string | undefined;
  private failures = 0;
  private closed = false;
  private begun = 0;
  private stream: IncomingMessage | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly api: KubernetesApi, private readonly following: Following) {}

  async run(): Promise<void> {
    while (!this.closed) {
      try {
        if (this.version === undefined) await this.list();
        await this.watch();
        // A server that ends every watch at once is not asked without a breath.
        await this.pause(Math.max(0, this.begun + FIRST_PAUSE_MS - Date.now()));
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  close(): void {
    this.closed = true;
    this.stream?.destroy();
    this.wake();
  }

  private async failed(error: unknown): Promise<void> {
    if (this.closed) return;
    this.version = undefined;
    const gone = error instanceof ApiError && error.status === 410;
    if (!gone) this.following.onFault(error instanceof ApiError ? error.message : `following ${this.following.path} at ${this.api.address}: ${String(error)}`);
    await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, LONGEST_PAUSE_MS));
  }

  private pause(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, this.closed ? 0 : delay).unref();
    });
  }

  private async list(): Promise<void> {
    const { metadata, items = [] } = await this.api.send<List>({ method: 'GET', path: this.path({}) });
    this.objects = new Map(items.map((object) => [keyOf(object), object]));
    this.version = metadata.resourceVersion;
    this.tell();
  }

  private async watch(): Promise<void> {
    this.begun = Date.now();
    const path = this.path({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: this.version!, timeoutSeconds: String(WATCH_SECONDS) });
    const stream = await this.api.open({ method: 'GET', path, timeout: SILENCE_MS });
    if (this.closed) return void stream.destroy();
    this.stream = stream;
    let rest = '';
    for await (const part of stream.setEncoding('utf8')) {
      const lines = (rest + (part as string)).split('\n');
      rest = lines.pop()!;
      if (rest.length > LONGEST_LINE) throw new Error(`an event of ${this.following.path} is longer than ${LONGEST_LINE} bytes`);
      this.take(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent));
    }
  }

  private take(events: readonly WatchEvent[]): void {
    // What works is known to work when something comes.
    this.failures = 0;
    const changes = events.filter((event) => this.apply(event));
    if (changes.length > 0) this.tell();
  }

  private apply({ type, object }: WatchEvent): boolean {
    if (type === 'ERROR') throw new ApiError(object.code ?? 0, `watching ${this.following.path}: ${object.message ?? 'failed'}`);
    this.version = object.metadata.resourceVersion ?? this.version;
    if (type === 'BOOKMARK') return false;
    if (type === 'DELETED') return this.objects.delete(keyOf(object));
    this.objects.set(keyOf(object), object);
    return true;
  }

  private tell(): void {
    if (!this.closed) this.following.onChange(this.objects);
  }

  private path(query: Readonly<Record<string, string>>): string {
    const { path, name } = this.following;
    const parameters = new URLSearchParams({ ...query, ...(name === undefined ? {} : { fieldSelector: `metadata.name=${name}` }) });
    return parameters.size > 0 ? `${path}?${parameters.toString()}` : path;
  }
}

function keyOf({ metadata: { namespace = '', name } }: ApiObject): string {
  return `${namespace}/${name}`;
}
