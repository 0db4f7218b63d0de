import type { Health } from '../model/machine';
import type { HealthProbe } from './health-probe';

const SECOND = 1_000;

/**
 * Probes the workload again and again, and tells what is known of it after each probe: nothing before a threshold is reached. Istio's defaults
 * and thresholds (pkg/istio-agent/health/health_check.go).
 */
export class HealthWatch {
  private readonly timers: { delay?: NodeJS.Timeout; period?: NodeJS.Timeout } = {};
  private successes = 0;
  private failures = 0;
  private known: Health | undefined;
  private asking = false;

  public constructor(
    private readonly probe: HealthProbe,
    private readonly ask: () => Promise<string | undefined>,
    private readonly tell: (health: Health) => void,
  ) {}

  public start(): void {
    const { initialDelaySeconds = 0, periodSeconds } = this.probe;
    this.timers.delay = setTimeout(() => {
      void this.check();
      this.timers.period = setInterval(() => void this.check(), (periodSeconds || 10) * SECOND);
    }, initialDelaySeconds * SECOND);
  }

  public stop(): void {
    clearTimeout(this.timers.delay);
    clearInterval(this.timers.period);
  }

  private async check(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const reason = await this.ask().catch((error: Error) => error.message);
    this.asking = false;
    this.count(reason);
    if (this.known) this.tell(this.known);
  }

  private count(reason: string | undefined): void {
    const { successThreshold, failureThreshold } = this.probe;
    this.successes = reason === undefined ? this.successes + 1 : 0;
    this.failures = reason === undefined ? 0 : this.failures + 1;
    if (reason === undefined && this.successes >= (successThreshold || 1)) this.known = { healthy: true, message: '' };
    if (reason !== undefined && this.failures >= (failureThreshold || 1)) this.known = { healthy: false, message: reason };
  }
}
