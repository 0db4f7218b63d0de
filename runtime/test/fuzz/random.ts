/** A source of chance that always gives the same for the same seed (mulberry32). */
export class Random {
  public constructor(private state: number) {}

  /** At least 0, less than 1. */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  public below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
