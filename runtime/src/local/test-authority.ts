// The library reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter,
  SubjectAlternativeNameExtension, X509CertificateGenerator, cryptoProvider,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const AUTHORITY = 'O=cdk8s-istio test CA';
const DAYS = 24 * 60 * 60 * 1000;

export interface ServerCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A certificate authority for one run, so that hosts outside can be stood in for with TLS. Nobody else trusts it. */
export class TestAuthority {
  private keys: Promise<webcrypto.CryptoKeyPair> | undefined;

  /** `folder` receives `ca.pem` and the servers' certificates. */
  public constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    cryptoProvider.set(webcrypto);
  }

  /** The certificate that clients are to trust. */
  public get caFile(): string {
    return join(this.folder, 'ca.pem');
  }

  /** A certificate for one host name; made once. */
  public async certificateFor(host: string): Promise<ServerCertificate> {
    const files = { certificateFile: join(this.folder, `${host}.pem`), keyFile: join(this.folder, `${host}.key`) };
    if (existsSync(files.certificateFile)) return files;
    const authority = await (this.keys ??= this.makeAuthority());
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.create({
      ...validity(),
      subject: 'O=cdk8s-istio stand-in',
      issuer: AUTHORITY,
      publicKey: keys.publicKey,
      signingKey: authority.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new SubjectAlternativeNameExtension([{ type: 'dns', value: host }], true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new BasicConstraintsExtension(false),
      ],
    });
    await writeKey(files.keyFile, keys);
    writeFileSync(files.certificateFile, certificate.toString('pem'));
    return files;
  }

  private async makeAuthority(): Promise<webcrypto.CryptoKeyPair> {
    const keys = await newKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(),
      name: AUTHORITY,
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
    });
    writeFileSync(this.caFile, certificate.toString('pem'));
    return keys;
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** From yesterday, for clocks that differ, for a month. */
function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAYS), notAfter: new Date(Date.now() + 30 * DAYS) };
}

async function writeKey(file: string, keys: webcrypto.CryptoKeyPair): Promise<void> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  writeFileSync(file, PemConverter.encode(bytes, 'PRIVATE KEY'), { mode: 0o600 });
}
