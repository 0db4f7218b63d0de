import { setTimeout as sleep } from 'node:timers/promises';

import type { ProxyProgress } from '../control/control-plane';

/** The proxy of a node that runs on this machine. */
export interface WarmingProxy {
  /** Whether all clusters and listeners that it has taken are in force. */
  isWarm(): Promise<boolean>;
}

const POLL_MS = 20;
/** What waits for a certificate that nobody has stays cold for ever. */
const PATIENCE_MS = 5_000;

/**
 * Waits until proxies serve what they have taken. Envoy acknowledges listeners and clusters at once, but lets their predecessors work, or nobody,
 * until their certificates, routes and endpoints are there too.
 */
export class Warmth {
  /** How much each node had taken when it was last seen warm: those that have taken nothing since are not asked. */
  private readonly seen = new Map<string, number>();

  public constructor(private readonly patienceMs = PATIENCE_MS) {}

  /** Asks the proxies of these nodes until all are warm, or have been given up. */
  public async wait(nodes: () => readonly ProxyProgress[], proxyOf: (node: string) => WarmingProxy | undefined): Promise<void> {
    for (const deadline = Date.now() + this.patienceMs; ;) {
      const current = nodes();
      this.forget(current);
      const changed = current.filter(({ node, taken }) => this.seen.get(node) !== taken);
      const isOver = Date.now() >= deadline;
      await Promise.all(changed.map(async ({ node, taken }) => {
        if (isOver || await (proxyOf(node)?.isWarm() ?? true)) {
          this.seen.set(node, taken);
        }
      }));
      if (changed.every(({ node, taken }) => this.seen.get(node) === taken)) {
        return;
      }
      await sleep(POLL_MS);
    }
  }

  private forget(current: readonly ProxyProgress[]): void {
    const nodes = new Set(current.map(({ node }) => node));
    [...this.seen.keys()].filter((node) => !nodes.has(node)).forEach((node) => this.seen.delete(node));
  }
}
