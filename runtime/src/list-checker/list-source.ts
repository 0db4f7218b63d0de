import { readFile } from 'node:fs/promises';
import { makeList, parseEntries, type EntryKind, type List } from './list';

export interface ListSourceOptions {
  /** A URL of HTTP, or a file; undefined: there are only the entries below. */
  readonly from?: string;
  /** Entries that are always in it. */
  readonly entries: readonly string[];
  readonly kind: EntryKind;
  /** Milliseconds from one look to the next. */
  readonly refreshEvery: number;
  readonly onLook?: (outcome: { readonly entries: number } | { readonly fault: string }) => void;
}

/** No list of people is longer. */
const MAX_BYTES = 16 << 20;
const TIMEOUT = 10_000;
/** Until there is a list at all, it is looked for this often at least. */
const FIRST_RETRY = 1000;

/** A list that is kept up to date beside the requests that ask it: nobody waits for its source, and when that is away the last list holds. */
export class ListSource {
  private current: List | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  public constructor(private readonly options: ListSourceOptions) {
    this.current = options.from === undefined ? makeList(options.entries, options.kind) : undefined;
  }

  /** Undefined: it was never there. */
  public get list(): List | undefined {
    return this.current;
  }

  /** Resolves after the first look, whatever came of it. */
  public async start(): Promise<void> {
    if (this.options.from !== undefined) {
      await this.look(this.options.from);
    }
  }

  public close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async look(from: string): Promise<void> {
    const { entries, kind, refreshEvery, onLook } = this.options;
    try {
      const found = parseEntries(await (/^https?:/.test(from) ? fetchList(from) : readFile(from, 'utf8')));
      const list = makeList([...entries, ...found], kind);
      this.current = list;
      onLook?.({ entries: list.size });
    } catch (error) {
      onLook?.({ fault: (error as Error).message });
    }
    if (!this.closed) {
      this.timer = setTimeout(() => void this.look(from), this.current ? refreshEvery : Math.min(refreshEvery, FIRST_RETRY));
    }
  }
}

async function fetchList(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok) {
    throw new Error(`${url} answers ${response.status}`);
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += (part as Uint8Array).length;
    if (bytes > MAX_BYTES) {
      throw new Error(`${url} answers more than ${MAX_BYTES} bytes`);
    }
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}
