import { X509Certificate } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { isOpenToOthers, readCaFolder, writeCaFolder } from './ca-folder';
import { makeRoot, renewRoot } from './self-signed';
import type { AuthoritySettings } from './settings';
import { readSigningMaterial, type CaFiles, type SigningMaterial } from './signing-material';

type Log = (level: 'info' | 'warn', event: object, message: string) => void;

/** The root that the authority has made for itself: kept in a folder, found again after a restart, renewed in time. */
export class OwnRoot {
  constructor(private readonly folder: string, private readonly settings: AuthoritySettings, private readonly log: Log) {}

  /** The root of before, or a new one. @throws CaFaults where the folder holds one that cannot be used */
  async load(organization: string): Promise<SigningMaterial> {
    const files = readCaFolder(this.folder);
    // The key is written first: without a certificate it has signed nothing yet.
    if (!files.has('ca-cert.pem')) {
      writeCaFolder(this.folder, new Map([...await makeRoot(this.options(organization))].reverse()));
      this.log('info', { folder: this.folder, lifetime: this.settings.rootLifetime }, 'made a root of its own');
      return readSigningMaterial(readCaFolder(this.folder));
    }
    this.closeKey();
    return await this.renew(organization) ?? readSigningMaterial(files);
  }

  /** A new certificate for the same key where little is left of the old one, or nothing, as istiod's rotator; undefined: there is time yet. */
  async renew(organization: string): Promise<SigningMaterial | undefined> {
    const files = readCaFolder(this.folder);
    const end = endOfGrace(files, this.settings.rootGracePercent);
    if (end === undefined || Date.now() < end) return undefined;
    writeCaFolder(this.folder, await renewRoot(files, this.options(organization)));
    this.log('info', { folder: this.folder }, 'renewed the root: the former one stays beside it until it ends');
    return readSigningMaterial(readCaFolder(this.folder));
  }

  private options(organization: string) {
    const { rootLifetime: lifetime, keyType, rsaBits } = this.settings;
    return { organization, lifetime, keyType, rsaBits };
  }

  private closeKey(): void {
    const path = join(this.folder, 'ca-key.pem');
    if (!isOpenToOthers(path)) return;
    chmodSync(path, 0o600);
    this.log('warn', { path }, 'the key could be read by others: its mode is 0600 now. Replace the root if somebody may have done so');
  }
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
