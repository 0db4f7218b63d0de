import { BlockList, isIP } from 'node:net';

/** How values are compared with entries. */
export type EntryKind = 'exact' | 'ignore-case' | 'ip';

/** Entries, ready to be asked. */
export interface List {
  readonly size: number;
  has(value: string): boolean;
}

/** One entry a line, `#` begins a comment; or a JSON list of texts. */
export function parseEntries(text: string): string[] {
  const json = text.trimStart().startsWith('[') ? JSON.parse(text) as unknown : undefined;
  if (json !== undefined) {
    if (!Array.isArray(json) || !json.every((entry) => typeof entry === 'string')) {
      throw new Error('the list is JSON, but no list of texts');
    }
    return json;
  }
  return text.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter((line) => line !== '');
}

/** @throws for entries that are not of the kind */
export function makeList(entries: readonly string[], kind: EntryKind): List {
  if (kind === 'ip') {
    return new AddressList(entries);
  }
  const fold = (text: string) => (kind === 'ignore-case' ? text.toLowerCase() : text);
  const all = new Set(entries.map(fold));
  return { size: all.size, has: (value) => all.has(fold(value)) };
}

/** Addresses and ranges. */
class AddressList implements List {
  public readonly size: number;
  private readonly ranges = new BlockList();

  public constructor(entries: readonly string[]) {
    this.size = entries.length;
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const family = isIP(address);
      if (family === 0) {
        throw new Error(`'${entry}' is no IP address and no range of them`);
      }
      this.ranges.addSubnet(address, bits === undefined ? (family === 6 ? 128 : 32) : Number(bits), family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  public has(value: string): boolean {
    const family = isIP(value);
    return family !== 0 && this.ranges.check(value, family === 6 ? 'ipv6' : 'ipv4');
  }
}
