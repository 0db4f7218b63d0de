// The library of certificates reads decorators' metadata when it is loaded.
import 'reflect-metadata';
import { generateKeyPairSync } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PublicKey,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator, type Extension, type JsonGeneralName,
} from '@peculiar/x509';

import type { Identity } from '../model/identity';
import { spiffeId } from '../model/identity';
import { readRequest, SigningRefused } from './certificate-request';
import { CLOCK_SKEW_MS, newSerialNumber } from './self-signed';
import { importSigningKey, type SigningKey } from './signing-key';
import type { SigningMaterial } from './signing-material';

export interface AuthorityOptions {
  /** The trust domain of new certificates, and others under which the same workloads are known. */
  readonly trust: () => { readonly domain: string; readonly aliases: readonly string[] };
  /** Milliseconds, for requests that say nothing. */
  readonly defaultLifetime: number;
  /** Milliseconds; who asks for more gets nothing. */
  readonly longestLifetime: number;
}

export interface SignedCertificate {
  /** PEM: the leaf and the authorities above it, without the root. */
  readonly chain: readonly string[];
  /** PEM. */
  readonly roots: readonly string[];
  readonly serialNumber: string;
  readonly notAfter: Date;
}

/** A key with its certificate, of the authority's own server. */
export interface ServerCertificate extends SignedCertificate {
  /** PEM. */
  readonly key: string;
}

/** The extensions of every certificate that is signed, as istiod signs them (security/pkg/pki/util/generate_cert.go). */
const LEAF: readonly Extension[] = [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
  new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
  new BasicConstraintsExtension(false, undefined, true),
];

interface Signer {
  readonly material: SigningMaterial;
  readonly key: SigningKey;
  readonly certificate: X509Certificate;
  readonly keyIdentifier: Extension;
}

/** Signs certificates for workloads. What it signs with can be exchanged while it works. */
export class CertificateAuthority {
  private signer: Signer;

  static async create(material: SigningMaterial, options: AuthorityOptions): Promise<CertificateAuthority> {
    return new CertificateAuthority(await readSigner(material), options);
  }

  private constructor(signer: Signer, private readonly options: AuthorityOptions) {
    this.signer = signer;
  }

  get material(): SigningMaterial {
    return this.signer.material;
  }

  async replace(material: SigningMaterial): Promise<void> {
    this.signer = await readSigner(material);
  }

  /**
   * Signs for an identity that somebody else has made sure of: of the request only the key counts.
   *
   * @param seconds how long the certificate is to be good; 0: the default
   * @throws SigningRefused
   */
  async sign(request: string, identity: Identity, seconds = 0): Promise<SignedCertificate> {
    const lifetime = this.lifetimeOf(seconds);
    const { domain, aliases } = this.options.trust();
    const names = [domain, ...aliases].map((one) => spiffeId(one, identity));
    const key = await readRequest(request, names);
    return this.issue(key, [{ type: 'url', value: names[0]! }], lifetime);
  }

  /** A certificate for a server of the control plane itself, with a new key. */
  async issueServer(hosts: readonly string[]): Promise<ServerCertificate> {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = hosts.map((value) => ({ type: 'dns' as const, value }));
    const signed = await this.issue(new PublicKey(publicKey.export({ type: 'spki', format: 'der' })), names, this.options.defaultLifetime);
    return { ...signed, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
  }

  private lifetimeOf(seconds: number): number {
    const { defaultLifetime, longestLifetime } = this.options;
    if (!(seconds > 0)) return defaultLifetime;
    if (seconds * 1000 > longestLifetime) {
      throw new SigningRefused('TTL_ERROR', `it is to be good for ${seconds} s, at most ${longestLifetime / 1000} s are given`);
    }
    return seconds * 1000;
  }

  private async issue(publicKey: PublicKey, names: JsonGeneralName[], lifetime: number): Promise<SignedCertificate> {
    const { material, key, certificate, keyIdentifier } = this.signer;
    const now = Date.now();
    if (now >= material.end.getTime()) {
      throw new SigningRefused('CA_NOT_READY', `the authority's own certificate, or one above it, ended on ${material.end.toISOString()}: plug in a new one`);
    }
    const leaf = await X509CertificateGenerator.create({
      serialNumber: newSerialNumber(),
      // Without a subject the name is critical (RFC 5280, 4.2.1.6), as the standard of SPIFFE wants it.
      subject: '',
      issuer: certificate.subjectName,
      notBefore: new Date(now - CLOCK_SKEW_MS),
      notAfter: new Date(Math.min(now + lifetime, material.end.getTime())),
      publicKey,
      signingKey: key.key,
      signingAlgorithm: key.algorithm,
      extensions: [...LEAF, new SubjectAlternativeNameExtension(names, true), keyIdentifier],
    });
    const { serialNumber, notAfter } = leaf;
    return { chain: [`${leaf.toString('pem')}\n`, ...material.chain], roots: material.roots, serialNumber, notAfter };
  }
}

async function readSigner(material: SigningMaterial): Promise<Signer> {
  const certificate = new X509Certificate(material.certificate.raw);
  const keyId = certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const keyIdentifier = keyId === undefined ? await AuthorityKeyIdentifierExtension.create(certificate.publicKey) : new AuthorityKeyIdentifierExtension(keyId);
  return { material, certificate, keyIdentifier, key: await importSigningKey(material.key) };
}
