import { X509Certificate } from 'node:crypto';

import type { RootKeep } from './place';
import { makeRoot, renewRoot } from './self-signed';
import type { AuthoritySettings } from './settings';
import { readSigningMaterial, type CaFiles, type SigningMaterial } from './signing-material';

type Log = (level: 'info' | 'warn', event: object, message: string) => void;

/** The root that the authority has made for itself: kept somewhere, found again after a restart, renewed in time. */
export class OwnRoot {
  constructor(private readonly keep: RootKeep, private readonly settings: AuthoritySettings, private readonly log: Log) {}

  /** The root of before, or a new one. @throws CaFaults where one is kept that cannot be used */
  async load(organization: string): Promise<SigningMaterial> {
    const files = await this.keep.read();
    // Without a certificate a key has signed nothing yet.
    if (files.has('ca-cert.pem')) return await this.renewOf(files, organization) ?? readSigningMaterial(files);
    const kept = await this.write(await makeRoot(this.options(organization)), 'made a root of its own');
    return readSigningMaterial(kept);
  }

  /**
   * A new certificate for the same key where little is left of the old one, or nothing, as istiod's rotator; or what another control plane
   * has made of it. Undefined: all is as it was.
   *
   * @param used what is signed with now
   */
  async renew(organization: string, used: SigningMaterial): Promise<SigningMaterial | undefined> {
    const files = await this.keep.read();
    if (!files.has('ca-cert.pem')) {
      this.log('warn', { keep: this.keep.name }, 'the root has gone from where it is kept: put it back, or a restart makes another, which workloads do not trust');
      return undefined;
    }
    return await this.renewOf(files, organization) ?? changed(files, used);
  }

  private async renewOf(files: CaFiles, organization: string): Promise<SigningMaterial | undefined> {
    const end = endOfGrace(files, this.settings.rootGracePercent);
    if (end === undefined || Date.now() < end) return undefined;
    const kept = await this.write(await renewRoot(files, this.options(organization)), 'renewed the root: the former one stays beside it until it ends');
    return readSigningMaterial(kept);
  }

  /** Of several control planes that do so at the same time, one is first, and all take what it has written. */
  private async write(files: CaFiles, done: string): Promise<CaFiles> {
    const kept = await this.keep.write(files);
    const first = kept.get('ca-cert.pem') === files.get('ca-cert.pem');
    this.log('info', { keep: this.keep.name }, first ? done : 'another control plane was first: its root is taken');
    return kept;
  }

  private options(organization: string) {
    const { rootLifetime: lifetime, keyType, rsaBits } = this.settings;
    return { organization, lifetime, keyType, rsaBits };
  }
}

/** The same key, or roots that workloads know: otherwise they would refuse each other, so a restart is needed. */
function changed(files: CaFiles, used: SigningMaterial): SigningMaterial | undefined {
  const material = readSigningMaterial(files);
  const same = material.certificate.fingerprint256 === used.certificate.fingerprint256 && material.roots.join('') === used.roots.join('');
  return same || !material.roots.some((root) => used.roots.includes(root)) ? undefined : material;
}

/** When the root is to be renewed; undefined where it cannot be read, which whoever reads all of it says in detail. */
function endOfGrace(files: CaFiles, percent: number): number | undefined {
  try {
    const { validFrom, validTo } = new X509Certificate(files.get('ca-cert.pem') ?? '');
    const [start, end] = [Date.parse(validFrom), Date.parse(validTo)];
    return end - (end - start) * percent / 100;
  } catch {
    return undefined;
  }
}
