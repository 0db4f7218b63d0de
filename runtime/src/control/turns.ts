import { performance } from 'node:perf_hooks';

/** Longest stretch of work before other events get their turn. */
const SLICE_MS = 40;

/** Long work in slices: connections, probes and metrics are served in between. */
export class Turns {
  private start = performance.now();

  /** Whether others have waited long enough. */
  public isOver(): boolean {
    return performance.now() - this.start > SLICE_MS;
  }

  /** Lets all others have their turn. */
  public async next(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.start = performance.now();
  }
}
