import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasTool, mustRun } from './tool';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export interface ServerCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one run, so that hosts outside can be stood in for with TLS. Nobody else trusts it. */
export class TestAuthority {
  /** `folder` receives `ca.pem` and the servers' certificates. */
  public constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Whether certificates can be made on this machine. */
  public static available(): boolean {
    return hasTool('openssl');
  }

  /** The certificate that clients are to trust. */
  public get caFile(): string {
    return join(this.folder, 'ca.pem');
  }

  /** A certificate for one host name; made once. */
  public async certificateFor(host: string): Promise<ServerCertificate> {
    await this.makeAuthority();
    const files = { certificateFile: join(this.folder, `${host}.pem`), keyFile: join(this.folder, `${host}.key`) };
    if (existsSync(files.certificateFile)) return files;
    const request = join(this.folder, `${host}.csr`);
    await mustRun(['openssl', 'req', ...KEY, '-subj', '/O=cdk8s-istio stand-in', '-keyout', files.keyFile, '-out', request]);
    const extensions = join(this.folder, `${host}.ext`);
    writeFileSync(extensions, `subjectAltName=critical,DNS:${host}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`);
    await mustRun([
      'openssl', 'x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.caKey, '-days', '30', '-extfile', extensions, '-out', files.certificateFile,
    ]);
    return files;
  }

  private async makeAuthority(): Promise<void> {
    if (existsSync(this.caFile)) return;
    await mustRun(['openssl', 'req', '-x509', ...KEY, '-days', '30', '-subj', '/O=cdk8s-istio test CA', '-keyout', this.caKey, '-out', this.caFile]);
  }

  private get caKey(): string {
    return join(this.folder, 'ca.key');
  }
}
