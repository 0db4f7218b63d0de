import { CertificateAuthority } from './authority';
import type { Trust } from './client-certificate';
import type { AuthorityMetrics } from './metrics';
import { OwnRoot } from './own-root';
import { ROOTS_FILE, type AuthorityPlace } from './place';
import { readRevocations } from './revocations';
import type { AuthoritySettings } from './settings';
import { CaFaults, readSigningMaterial, REVOCATIONS, type CaFault, type CaFiles, type SigningMaterial } from './signing-material';

export interface MeshAuthorityOptions {
  /** Where a root of its own is kept, and agents hear of roots. */
  readonly place: AuthorityPlace;
  readonly settings: AuthoritySettings;
  readonly trust: () => Trust;
  readonly metrics: AuthorityMetrics;
  readonly log: (level: 'info' | 'warn', event: object, message: string) => void;
  /** What is signed with, or what is wrong with what was plugged in, has changed. */
  readonly onChange: () => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const RETRY_MS = 2_000;

/** The mesh's authority: which root it stands on, and how that changes while workloads hold certificates. */
export class MeshAuthority {
  private signing: CertificateAuthority | undefined;
  private plugged: CaFiles | undefined;
  private standsOnOwn = false;
  private wrong: readonly CaFault[] = [];
  private revocations: string | undefined;
  private work: Promise<void> = Promise.resolve();
  private readonly own: OwnRoot;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: MeshAuthorityOptions) {
    this.own = new OwnRoot(options.place.keep, options.settings, options.log);
  }

  /** Undefined as long as nobody has said what to sign with, or that cannot be used: then nothing is signed. */
  get authority(): CertificateAuthority | undefined {
    return this.signing;
  }

  /** What is wrong with what was plugged in. */
  get faults(): readonly CaFault[] {
    return this.wrong;
  }

  /** Whether somebody has plugged in what to sign with. */
  get isPluggedIn(): boolean {
    return this.plugged !== undefined;
  }

  /** Signs with what somebody has plugged in, or with a root of its own. Called again, it changes what is signed with, if that does no harm. */
  use(files: CaFiles | undefined): Promise<void> {
    if (files === this.plugged && (this.signing || this.wrong.length > 0)) return this.work;
    this.plugged = files;
    return this.inTurn(async () => {
      await (files ? this.plugIn(files) : this.signItself());
      await this.revoke(files);
    });
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private async plugIn(files: CaFiles): Promise<void> {
    const material = readSigningMaterial(files);
    const former = this.signing?.material;
    if (former && !overlap(former.roots, material.roots)) throw new CaFaults([{ entry: ROOTS_FILE, message: NO_OVERLAP }]);
    await this.signWith(material, 'plugged in');
    this.standsOnOwn = false;
  }

  /** Apart from what is signed with: a list that cannot be used leaves that alone, and the last good list in force. */
  private async revoke(files: CaFiles | undefined): Promise<void> {
    const text = files && this.signing ? await readRevocations(files, this.signing.material) : '';
    if (text === this.revocations) return;
    const { place, log } = this.options;
    place.publish(new Map([[REVOCATIONS, text]]));
    if (this.revocations || text !== '') log('info', { lists: text === '' ? 'none' : REVOCATIONS }, 'what authorities have taken back is another list');
    this.revocations = text;
  }

  private async signItself(): Promise<void> {
    // Whatever it was, workloads trust it: what is plugged in goes with a restart only.
    if (this.signing) return;
    await this.signWith(await this.own.load(this.options.trust().domain), 'of its own');
    this.standsOnOwn = true;
    this.watchOwnRoot();
  }

  private async signWith(material: SigningMaterial, origin: string): Promise<void> {
    const { place, settings, trust, metrics, log } = this.options;
    if (this.signing) await this.signing.replace(material);
    else this.signing = await CertificateAuthority.create(material, { ...settings, trust });
    place.publish(new Map([[ROOTS_FILE, material.roots.join('')]]));
    metrics.signsWith(material);
    log('info', { origin, subject: material.certificate.subject, until: material.end, roots: material.roots.length }, 'signing certificates');
  }

  private watchOwnRoot(): void {
    const { rootCheckInterval } = this.options.settings;
    if (rootCheckInterval > 0) this.later(rootCheckInterval, () => this.lookAfterRoot());
  }

  /** That it cannot be looked at for a moment does no harm yet. */
  private lookAfterRoot(): void {
    const { log, onChange } = this.options;
    this.work = this.work.then(() => this.renewRoot())
      .catch((error: unknown) => log('warn', { reason: textOf(error) }, 'cannot look after the root: it stays as it was'))
      .then(() => {
        this.watchOwnRoot();
        onChange();
      });
  }

  private async renewRoot(): Promise<void> {
    if (!this.standsOnOwn || !this.signing) return;
    const renewed = await this.own.renew(this.options.trust().domain, this.signing.material);
    if (renewed) await this.signWith(renewed, 'of its own, renewed');
  }

  private later(delay: number, change: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(change, Math.min(delay, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  /** One change after the other; one that fails leaves everything as it was. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    this.work = this.work.then(change).then(() => { this.wrong = []; }, (error: unknown) => this.failed(error)).then(() => this.options.onChange());
    return this.work;
  }

  private failed(error: unknown): void {
    this.wrong = error instanceof CaFaults ? error.faults : [{ entry: '', message: `cannot be used: ${textOf(error)}` }];
    this.options.log('warn', { faults: this.wrong }, this.signing ? 'the authority stays as it was' : 'no certificates are signed');
    // Where the root is kept may be out of reach for a moment; what files say does not change by waiting.
    if (!this.signing && !(error instanceof CaFaults)) this.later(RETRY_MS, () => void this.tryAgain());
  }

  private tryAgain(): Promise<void> {
    return this.plugged || this.signing ? this.work : this.inTurn(() => this.signItself());
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const NO_OVERLAP = 'shares no root with what workloads trust now, which would refuse each other: first add the new root beside the present ones '
  + 'and leave ca-cert.pem as it is; when all workloads have the new one, change ca-cert.pem, ca-key.pem and cert-chain.pem; '
  + 'remove the former root when all certificates of before have ended. Or start the control plane and all workloads anew';

/** As istiod with ISTIO_MULTIROOT_MESH: roots are added, or removed, not exchanged (pilot/pkg/bootstrap/istio_ca.go). */
function overlap(former: readonly string[], next: readonly string[]): boolean {
  const [some, others] = [new Set(former), new Set(next)];
  return former.every((root) => others.has(root)) || next.every((root) => some.has(root));
}
