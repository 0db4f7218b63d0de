import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority } from './certificate-authority';

const NAME = 'cdk8s-istio test CA';

export interface ServerCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one run, so that hosts outside can be stood in for with TLS. Nobody else trusts it. */
export class TestAuthority {
  private authority: Promise<CertificateAuthority> | undefined;

  /** `folder` receives `ca.pem` and the servers' certificates. */
  public constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** The certificate that clients are to trust. */
  public get caFile(): string {
    return join(this.folder, 'ca.pem');
  }

  /** Makes the authority, so that its certificate is there. */
  public async make(): Promise<void> {
    await (this.authority ??= this.makeAuthority());
  }

  /** A certificate for one host name; made once. */
  public async certificateFor(host: string): Promise<ServerCertificate> {
    const files = { certificateFile: join(this.folder, `${host}.pem`), keyFile: join(this.folder, `${host}.key`) };
    if (existsSync(files.certificateFile)) return files;
    const { certificate, key } = await (await (this.authority ??= this.makeAuthority())).issue({ hosts: [host] });
    writeFileSync(files.keyFile, key, { mode: 0o600 });
    writeFileSync(files.certificateFile, certificate);
    return files;
  }

  private async makeAuthority(): Promise<CertificateAuthority> {
    const authority = await CertificateAuthority.create(NAME);
    writeFileSync(this.caFile, authority.certificate);
    return authority;
  }
}
