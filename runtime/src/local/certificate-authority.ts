// The library reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter,
  SubjectAlternativeNameExtension, X509CertificateGenerator, X509CrlGenerator, X509CrlReason, cryptoProvider, type X509Certificate,
} from '@peculiar/x509';

export type KeyKind = 'ecdsa' | 'rsa';

const ALGORITHMS = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
} as const;
const DAY = 24 * 60 * 60 * 1000;

export interface CertificateRequest {
  /** Names of DNS, addresses, and URIs; the first is the common name too. */
  readonly hosts: readonly string[];
  /** @default 'ecdsa' */
  readonly key?: KeyKind;
  /** Its time was over yesterday. */
  readonly expired?: boolean;
}

/** A certificate and its key, as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly parsed: X509Certificate;
}

/** A certificate authority that lives as long as the object. Nobody trusts it who is not told to. */
export class CertificateAuthority {
  /** `name` stands in the issuer of its certificates. */
  public static async create(name: string): Promise<CertificateAuthority> {
    cryptoProvider.set(webcrypto);
    const keys = await newKeys('ecdsa');
    const issuer = `O=${name}`;
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity(false),
      name: issuer,
      keys,
      signingAlgorithm: ALGORITHMS.ecdsa,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    });
    return new CertificateAuthority(issuer, keys.privateKey, certificate.toString('pem'));
  }

  private constructor(private readonly issuer: string, private readonly key: webcrypto.CryptoKey, public readonly certificate: string) {}

  /** For servers and clients alike. */
  public async issue({ hosts, key = 'ecdsa', expired = false }: CertificateRequest): Promise<IssuedCertificate> {
    const keys = await newKeys(key);
    const parsed = await X509CertificateGenerator.create({
      ...validity(expired),
      subject: `CN=${hosts[0]}`,
      issuer: this.issuer,
      publicKey: keys.publicKey,
      signingKey: this.key,
      signingAlgorithm: ALGORITHMS.ecdsa,
      extensions: [
        new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: nameType(value), value }))),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
        new BasicConstraintsExtension(false),
      ],
    });
    return { parsed, certificate: parsed.toString('pem'), key: await exportKey(keys) };
  }

  /**
   * The list of certificates that are no longer good, as PEM. TLS libraries read it only by the label of RFC 7468, section 6, and only if no
   * list of extensions is empty (RFC 5280, 5.1): a reason keeps them from being so.
   */
  public async revoke(certificates: readonly IssuedCertificate[]): Promise<string> {
    const { notBefore, notAfter } = validity(false);
    const list = await X509CrlGenerator.create({
      issuer: this.issuer,
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      entries: certificates.map(({ parsed }) => ({ serialNumber: parsed.serialNumber, revocationDate: notBefore, reason: X509CrlReason.keyCompromise })),
      signingAlgorithm: ALGORITHMS.ecdsa,
      signingKey: this.key,
    });
    return PemConverter.encode(list.rawData, 'X509 CRL');
  }
}

function newKeys(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** From yesterday, for clocks that differ, for a month. */
function validity(expired: boolean): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return expired
    ? { notBefore: new Date(now - 3 * DAY), notAfter: new Date(now - DAY) }
    : { notBefore: new Date(now - DAY), notAfter: new Date(now + 30 * DAY) };
}

function nameType(name: string): 'ip' | 'url' | 'dns' {
  return isIP(name) ? 'ip' : name.includes('://') ? 'url' : 'dns';
}

async function exportKey(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}
