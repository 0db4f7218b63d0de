import { X509Certificate } from 'node:crypto';

import type { CertificateIssuer, IssuedChain } from './certificate-issuer';
import { requestCertificate } from './certificate-request';
import type { CertificateSettings } from './certificate-settings';

/** A certificate and its key, in memory only. */
export interface HeldCertificate {
  /** PEM: the leaf, then the intermediates. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly receivedAt: number;
  readonly expiresAt: number;
}

export interface WorkloadCertificateOptions {
  readonly issuer: CertificateIssuer;
  /** SPIFFE id that requests name. @default none: the authority knows it anyway */
  readonly identity?: string;
  readonly settings: Pick<CertificateSettings, 'key' | 'ttlSeconds' | 'graceRatio' | 'graceJitter'>;
  readonly onIssued: (certificate: HeldCertificate, issued: IssuedChain) => void;
  /** An attempt has failed; it is tried again. */
  readonly onFailure?: (failure: RenewalFailure) => void;
  /** @default Date.now */
  readonly now?: () => number;
  /** @default Math.random */
  readonly random?: () => number;
}

export interface RenewalFailure {
  readonly message: string;
  /** Attempts that have failed one after the other. */
  readonly attempts: number;
  readonly since: number;
  readonly certificate?: HeldCertificate;
}

const FIRST_DELAY_MS = 50;
/** As many come quickly: an authority that starts together with the proxies needs a second or two. On a busy machine it needs longer, so that the delays grow from there. */
const STARTING_ATTEMPTS = 30;
const LONGEST_DELAY_MS = 30_000;
/** From the first delay to more than the longest. */
const MOST_DOUBLINGS = 10;
/** A machine that slept has a wrong idea of how long its timers still run. */
const LONGEST_TIMER_MS = 60_000;

/** Gets a certificate, and another one before it ends, until it is stopped. While the authority is away the one at hand stays. */
export class WorkloadCertificate {
  private held: HeldCertificate | undefined;
  private failure: RenewalFailure | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly now: () => number;
  private readonly random: () => number;

  public constructor(private readonly options: WorkloadCertificateOptions) {
    this.now = options.now ?? Date.now;
    this.random = options.random ?? Math.random;
  }

  public get current(): HeldCertificate | undefined {
    return this.held;
  }

  /** Why the last attempt failed; undefined when it did not. */
  public get failing(): RenewalFailure | undefined {
    return this.failure;
  }

  /** Begins with a certificate that is there already, which is renewed when its time comes. */
  public start(provided?: HeldCertificate): void {
    if (provided && provided.expiresAt > this.now()) {
      this.held = provided;
      this.at(this.renewalTime(provided));
    } else {
      void this.renew();
    }
  }

  public stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Asks for a new certificate now; the timer goes on when it fails. */
  public async renew(): Promise<void> {
    clearTimeout(this.timer);
    const { issuer, identity, settings } = this.options;
    try {
      const { key, csr } = await requestCertificate(settings.key, identity);
      const issued = await issuer.sign(csr, settings.ttlSeconds);
      if (this.stopped) return;
      this.take(key, issued);
    } catch (error) {
      if (!this.stopped) this.failed((error as Error).message);
    }
  }

  private take(key: string, issued: IssuedChain): void {
    const [leaf = ''] = issued.chain;
    const parsed = new X509Certificate(leaf);
    const held = {
      key, chain: issued.chain.map((pem) => `${pem.trim()}\n`).join(''), serial: parsed.serialNumber,
      receivedAt: this.now(), expiresAt: Date.parse(parsed.validTo),
    };
    if (held.expiresAt <= held.receivedAt) throw new Error(`the authority's certificate ended at ${parsed.validTo}, before it arrived: do the clocks differ?`);
    this.held = held;
    this.failure = undefined;
    this.at(this.renewalTime(held));
    this.options.onIssued(held, issued);
  }

  private failed(message: string): void {
    const attempts = (this.failure?.attempts ?? 0) + 1;
    this.failure = { message, attempts, since: this.failure?.since ?? this.now(), ...(this.held ? { certificate: this.held } : {}) };
    this.at(this.now() + this.delay(attempts));
    this.options.onFailure?.(this.failure);
  }

  /** Grows by two, and varies between its half and its whole; in a short life, and while everything starts, it stays short. */
  private delay(attempts: number): number {
    const { held } = this;
    const shortest = 2 * FIRST_DELAY_MS;
    const longest = held ? Math.min(LONGEST_DELAY_MS, Math.max((held.expiresAt - held.receivedAt) / 20, shortest)) : LONGEST_DELAY_MS;
    const doublings = held ? attempts - 1 : Math.min(attempts - 1, 1) + Math.max(attempts - STARTING_ATTEMPTS, 0);
    return Math.min(FIRST_DELAY_MS * 2 ** Math.min(doublings, MOST_DOUBLINGS), longest) * (0.5 + this.random() / 2);
  }

  /** As Istio's agent: the grace period is a share of the lifetime, give or take the jitter. */
  private renewalTime({ receivedAt, expiresAt }: HeldCertificate): number {
    const { graceRatio, graceJitter } = this.options.settings;
    const share = Math.min(Math.max(graceRatio + graceJitter * (2 * this.random() - 1), 0), 1);
    return expiresAt - (expiresAt - receivedAt) * share;
  }

  private at(time: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const wait = time - this.now();
    this.timer = setTimeout(() => (wait > LONGEST_TIMER_MS ? this.at(time) : void this.renew()), Math.max(Math.min(wait, LONGEST_TIMER_MS), 0));
    this.timer.unref();
  }
}
