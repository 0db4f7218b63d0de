import type { Readable } from 'node:stream';

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** More than checks count, less than fills the memory. */
const LINES_KEPT = 20_000;
/** A line longer than this is cut into several. */
const LONGEST_LINE = 64 * 1024;

/** What a container has written so far, line by line. It outlives restarts of the process. */
export class Log {
  private lines: LogLine[] = [];
  private readonly listeners: Set<(line: LogLine) => void>;

  public constructor(listener?: (line: LogLine) => void) {
    this.listeners = new Set(listener ? [listener] : []);
  }

  public read(stream: LogLine['stream'], from: Readable): void {
    let rest = '';
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      parts.forEach((text) => this.add({ stream, text }));
      for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) {
        this.add({ stream, text: rest.slice(0, LONGEST_LINE) });
      }
    });
    from.on('end', () => {
      if (rest !== '') {
        this.add({ stream, text: rest });
      }
    });
  }

  public add(line: LogLine): void {
    this.lines.push(line);
    if (this.lines.length > 2 * LINES_KEPT) {
      this.lines = this.lines.slice(-LINES_KEPT);
    }
    this.listeners.forEach((listener) => listener(line));
  }

  public all(): readonly LogLine[] {
    return this.lines;
  }

  /** Calls the listener for every line to come, until the returned function is called. */
  public follow(listener: (line: LogLine) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
