import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FileReader } from './file';
import type { Reading } from './file';
import { isManifest } from './folder';

/** Editors and compilers write in several steps: how long after an event the next one is waited for. */
const DEBOUNCE_MS = 3;
/** A file that is gone or empty may be about to be written. */
const GRACE_MS = 150;

export interface FileWatch {
  /** What the files held at the start. */
  readonly reading: Reading;
  close(): void;
}

/** Reads files and folders, and again whenever something in them changes, appears or goes. */
export async function watchFiles(paths: readonly string[], onChange: (reading: Reading) => void): Promise<FileWatch> {
  const watcher = new Watcher(paths, onChange);
  const reading = await watcher.start();
  return { reading, close: () => watcher.close() };
}

class Watcher {
  private readonly reader: FileReader;
  private readonly folders = new Map<string, FSWatcher>();
  private readonly changed = new Set<string>();
  private readonly vanished = new Map<string, number>();
  private search = false;
  private timer: NodeJS.Timeout | undefined;
  private reading: Promise<void> = Promise.resolve();
  private closed = false;
  private latest: Reading = { objects: [], problems: [] };

  public constructor(paths: readonly string[], private readonly onChange: (reading: Reading) => void) {
    this.reader = new FileReader(paths);
  }

  public async start(): Promise<Reading> {
    await this.reader.read();
    this.follow();
    // Between the first look and the watch something may have changed.
    this.latest = await this.reader.read();
    this.follow();
    return this.latest;
  }

  public close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const folder of this.folders.values()) folder.close();
    this.folders.clear();
  }

  private follow(): void {
    if (this.closed) return;
    const wanted = new Set(this.reader.folders.map((folder) => resolve(folder)));
    for (const [folder, watcher] of this.folders) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of wanted) if (!this.folders.has(folder)) this.watch(folder);
  }

  private watch(folder: string): void {
    try {
      const watcher = watch(folder, (event, name) => this.event(folder, event, name));
      watcher.on('error', () => this.lost(folder));
      this.folders.set(folder, watcher);
    } catch {
      // The folder went between being found and being watched: the search that follows says so.
      this.schedule(GRACE_MS);
    }
  }

  private lost(folder: string): void {
    this.folders.get(folder)?.close();
    this.folders.delete(folder);
    this.search = true;
    this.schedule(DEBOUNCE_MS);
  }

  private event(folder: string, event: string, name: string | null): void {
    const path = join(folder, name ?? '');
    if (name !== null && this.reader.has(path)) this.changed.add(resolve(path));
    // New files and folders announce themselves by `rename`; a folder's name has no extension that we know.
    else if (name === null || event === 'rename' || isManifest(name)) this.search = true;
    else return;
    this.schedule(DEBOUNCE_MS);
  }

  private schedule(delay: number): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.reading = this.reading.then(() => this.update());
    }, delay);
  }

  private async update(): Promise<void> {
    const changed = new Set(this.changed);
    const wait = await this.unfinished(changed);
    if (wait) return this.schedule(wait);
    const search = this.search || [...changed].some((path) => this.vanished.has(path));
    this.changed.clear();
    this.vanished.clear();
    this.search = false;
    const reading = await (search ? this.reader.read() : this.reader.readAgain(changed)).catch(() => undefined);
    if (search) this.follow();
    if (!reading || this.closed || isDeepStrictEqual(reading, this.latest)) return;
    this.latest = reading;
    this.onChange(reading);
  }

  /** How much longer to wait for files that are gone or empty at the moment. */
  private async unfinished(paths: ReadonlySet<string>): Promise<number | undefined> {
    let wait: number | undefined;
    for (const path of paths) {
      const found = await stat(path).catch(() => undefined);
      if (found && found.size > 0) {
        this.vanished.delete(path);
        continue;
      }
      const since = this.vanished.get(path) ?? performance.now();
      this.vanished.set(path, since);
      const left = GRACE_MS - (performance.now() - since);
      if (left > 0) wait = Math.max(wait ?? 0, left);
    }
    return wait;
  }
}
