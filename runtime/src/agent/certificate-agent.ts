import type { CertificateIssuer } from './certificate-issuer';
import type { CertificateSettings } from './certificate-settings';
import { FollowedFiles } from './followed-files';
import { writeOutputFiles } from './output-files';
import { SecretServer } from './secret-server';
import { TrustBundle } from './trust-bundle';
import { WorkloadCertificate, type HeldCertificate, type RenewalFailure } from './workload-certificate';
import { OWN_SECRET, secretEvents, WorkloadSecrets } from './workload-secrets';

export interface CertificateAgentOptions {
  /** SPIFFE id that requests name. @default none: the authority knows it anyway */
  readonly identity?: string;
  readonly settings: CertificateSettings;
  /** Unix socket at which the proxy asks. */
  readonly socket: string;
  /** The issuer, which may prove the identity by the certificate at hand. */
  readonly issuer: (certificate: () => HeldCertificate | undefined) => CertificateIssuer;
  /** File with the mesh's roots, which is followed. @default only what the authority answers counts */
  readonly rootFile?: string;
  /** File with roots of others, whose certificates count beside those of the mesh; it is followed. @default there are none */
  readonly foreignRootFile?: string;
  /** The same for this proxy alone, as PEM (`caCertificatesPem` of ProxyConfig). */
  readonly foreignRoots?: readonly string[];
  /** File with what authorities have taken back, which is followed. @default nothing is looked at */
  readonly revocationFile?: string;
  /** A certificate to begin with. @default none */
  readonly provided?: HeldCertificate;
  /** Mode of the files for applications. @default 0600 */
  readonly outputMode?: number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** The certificate, or the alarm, has changed. */
  readonly onChange?: () => void;
}

/** Figures by the names of Istio's agent. */
export interface CertificateFigures {
  readonly requests: number;
  readonly failedRequests: number;
  /** By name of the secret; negative: it has ended. */
  readonly secondsLeft: Readonly<Record<string, number>>;
}

const STARTING_ATTEMPTS = 32;
/** Renewal begins at the half: where this share is left, it has failed for long. */
const ALARM_SHARE = 0.25;
/** How long a proxy may be without its first certificate before that is a problem. */
const FIRST_CERTIFICATE_MS = 5_000;

/** The certificates of one proxy: got, renewed, served to its Envoy, written for its application, worried about. */
export class CertificateAgent {
  private readonly secrets = new WorkloadSecrets();
  private readonly bundle = new TrustBundle();
  private readonly server: SecretServer;
  private readonly certificate: WorkloadCertificate;
  private rootTimer: NodeJS.Timeout | undefined;
  private roots = '';
  private requests = 0;
  private failedRequests = 0;
  private alarmed: string | undefined;
  private revocations = '';
  private readonly files = new FollowedFiles(() => {
    this.refreshRoots();
    this.publish();
  });

  public constructor(private readonly options: CertificateAgentOptions) {
    const { identity, settings, log } = options;
    this.server = new SecretServer(this.secrets, secretEvents(log));
    this.certificate = new WorkloadCertificate({
      settings, ...(identity === undefined ? {} : { identity }),
      issuer: options.issuer(() => this.valid),
      onIssued: (held, { root }) => this.issued(held, root),
      onFailure: (failure) => this.failed(failure),
    });
  }

  public async start(): Promise<void> {
    const { socket, provided } = this.options;
    await this.server.listen(socket);
    this.bundle.setForeign('proxy', this.options.foreignRoots?.join('\n') ?? '');
    await this.followFiles();
    if (provided) this.secrets.setCertificate(provided);
    this.certificate.start(provided);
  }

  public stop(): void {
    this.files.close();
    clearTimeout(this.rootTimer);
    this.certificate.stop();
    this.server.close();
  }

  /** The certificate at hand, be it good or ended. */
  public get current(): HeldCertificate | undefined {
    return this.certificate.current;
  }

  /** What is to be worried about: the authority is away, and time is running out. */
  public get alarm(): string | undefined {
    return this.alarmed;
  }

  public figures(): CertificateFigures {
    const { requests, failedRequests, current } = this;
    const left: Record<string, number> = current ? { [OWN_SECRET]: (current.expiresAt - Date.now()) / 1_000 } : {};
    return { requests, failedRequests, secondsLeft: left };
  }

  private get valid(): HeldCertificate | undefined {
    const { current } = this.certificate;
    return current && current.expiresAt > Date.now() ? current : undefined;
  }

  private issued(held: HeldCertificate, root: string): void {
    this.requests += 1;
    this.takeRoots('authority', root);
    this.secrets.setCertificate(held);
    this.publish();
    this.options.log('info', `certificate ${held.serial} until ${new Date(held.expiresAt).toISOString()}`);
    this.setAlarm(undefined);
    this.options.onChange?.();
  }

  private failed(failure: RenewalFailure): void {
    this.requests += 1;
    this.failedRequests += 1;
    // The first attempts may come before the authority is there; after them every doubling is worth a line.
    if (failure.attempts >= (failure.certificate ? 1 : STARTING_ATTEMPTS) && Number.isInteger(Math.log2(failure.attempts))) {
      this.options.log('warn', `no certificate after ${failure.attempts} attempts: ${failure.message}`);
    }
    this.setAlarm(alarmOf(failure, Date.now()));
  }

  private setAlarm(alarm: string | undefined): void {
    if (alarm === this.alarmed) return;
    this.alarmed = alarm;
    if (alarm !== undefined) this.options.log('error', alarm);
    this.options.onChange?.();
  }

  /** Without the file of roots the authority is not trusted either; the attempts to get a certificate say so. */
  private async followFiles(): Promise<void> {
    const { rootFile, foreignRootFile, revocationFile } = this.options;
    const takes: readonly (readonly [string | undefined, (text: string) => void])[] = [
      [rootFile, (text) => this.takeRoots('file', text)],
      [foreignRootFile, (text) => this.bundle.setForeign('mesh', text)],
      [revocationFile, (text) => { this.revocations = text.trim(); }],
    ];
    await Promise.all(takes.map(([path, take]) => path !== undefined && this.files.follow(path, take)));
    this.refreshRoots();
    this.publish();
  }

  private takeRoots(source: 'authority' | 'file', text: string): void {
    const { current } = this.certificate;
    const overlapMs = current ? current.expiresAt - current.receivedAt : this.options.settings.ttlSeconds * 1_000;
    this.bundle.set(source, text, { now: Date.now(), overlapMs });
    this.refreshRoots();
  }

  private refreshRoots(): void {
    const now = Date.now();
    this.roots = this.bundle.text(now);
    if (this.roots !== '') this.secrets.setRoots(this.roots, this.revocations);
    clearTimeout(this.rootTimer);
    const next = this.bundle.nextChange();
    if (next === undefined) return;
    this.rootTimer = setTimeout(() => {
      this.refreshRoots();
      this.publish();
    }, Math.min(Math.max(next - now, 0) + 1, 2 ** 31 - 1));
    this.rootTimer.unref();
  }

  private publish(): void {
    this.server.push();
    const { settings: { outputFolder }, outputMode = 0o600, log } = this.options;
    if (outputFolder === undefined) return;
    const { chain, key } = this.certificate.current ?? {};
    const files = { ...(chain && key ? { 'cert-chain.pem': chain, 'key.pem': key } : {}), ...(this.roots ? { 'root-cert.pem': this.roots } : {}) };
    try {
      writeOutputFiles(outputFolder, files, outputMode);
    } catch (error) {
      log('error', `cannot write certificates to ${outputFolder}: ${(error as Error).message}`);
    }
  }
}

function alarmOf({ message, since, certificate }: RenewalFailure, now: number): string | undefined {
  if (!certificate) return now - since < FIRST_CERTIFICATE_MS ? undefined : `the proxy has no certificate: ${message}`;
  const { receivedAt, expiresAt, serial } = certificate;
  const until = new Date(expiresAt).toISOString();
  if (expiresAt <= now) return `certificate ${serial} ended at ${until} and cannot be renewed: ${message}`;
  return expiresAt - now < (expiresAt - receivedAt) * ALARM_SHARE ? `certificate ${serial} ends at ${until} and cannot be renewed: ${message}` : undefined;
}
