/** Wakes those who wait for something to become true whenever something has changed. */
export class Pulse {
  private readonly waiting = new Set<() => void>();

  public beat(): void {
    for (const look of [...this.waiting]) {
      look();
    }
  }

  /** Resolves with true as soon as the condition holds, with false after that time. */
  public until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (held: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(held);
      };
      const look = () => {
        if (condition()) {
          finish(true);
        }
      };
      const timer = setTimeout(() => finish(condition()), timeoutMs);
      this.waiting.add(look);
      look();
    });
  }
}
