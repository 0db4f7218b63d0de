import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Mounted files change by a link, which no notification tells. */
const POLL_MS = 500;

/** Files that are read now, and again whenever they have changed. One that is not there is empty. */
export class FollowedFiles {
  private readonly stops: (() => void)[] = [];

  /** @param onChange after a file has been taken again */
  public constructor(private readonly onChange: () => void) {}

  /** Resolves when the file was taken for the first time. */
  public async follow(path: string, take: (text: string) => void): Promise<void> {
    const changed = () => void read(path).then(take).then(this.onChange);
    watchFile(path, { interval: POLL_MS, persistent: false }, changed);
    this.stops.push(() => unwatchFile(path, changed));
    take(await read(path));
  }

  public close(): void {
    this.stops.splice(0).forEach((stop) => stop());
  }
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
