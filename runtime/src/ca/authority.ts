import { generateKeyPairSync } from 'node:crypto';

import type { Identity } from '../model/identity';
import { spiffeId } from '../model/identity';
import { readRequest, SigningRefused } from './certificate-request';
import { LeafWriter, type LeafName } from './leaf-certificate';
import { CLOCK_SKEW_MS, newSerialNumber } from './self-signed';
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

interface Signer {
  readonly material: SigningMaterial;
  readonly writer: LeafWriter;
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
    const key = readRequest(request, names);
    return this.issue(key, [{ type: 'uri', value: names[0]! }], lifetime);
  }

  /** A certificate for a server of the control plane itself, with a new key. */
  issueServer(hosts: readonly string[]): ServerCertificate {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const names = hosts.map((value) => ({ type: 'dns' as const, value }));
    const signed = this.issue(publicKey.export({ type: 'spki', format: 'der' }), names, this.options.defaultLifetime);
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

  private issue(publicKey: Uint8Array, names: readonly LeafName[], lifetime: number): SignedCertificate {
    const { material, writer } = this.signer;
    const now = Date.now();
    if (now >= material.end.getTime()) {
      throw new SigningRefused('CA_NOT_READY', `the authority's own certificate, or one above it, ended on ${material.end.toISOString()}: plug in a new one`);
    }
    const serialNumber = newSerialNumber();
    const notAfter = new Date(Math.min(now + lifetime, material.end.getTime()));
    const leaf = writer.write({ publicKey, names, serialNumber, notBefore: new Date(now - CLOCK_SKEW_MS), notAfter });
    return { chain: [toPem(leaf), ...material.chain], roots: material.roots, serialNumber, notAfter };
  }
}

async function readSigner(material: SigningMaterial): Promise<Signer> {
  return { material, writer: await LeafWriter.of(material) };
}

function toPem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
