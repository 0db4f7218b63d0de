import { X509Certificate } from 'node:crypto';
import { dump } from 'js-yaml';
import { CertificateAuthority, type IssuedCertificate, type KeyKind } from '../../local/certificate-authority';
import type { Call, TlsClient } from './engine-port';

/** The certificates that a checks file wants, and the Secrets that hold them when the mesh starts. */
export interface CredentialWishes {
  readonly certificates: ReadonlyMap<string, CertificateWish>;
  readonly secrets: readonly SecretWish[];
}

export interface CertificateWish {
  readonly hosts: readonly string[];
  readonly authority: string;
  readonly key: KeyKind;
  readonly expired: boolean;
  readonly revoked: boolean;
}

export interface SecretWish {
  readonly name: string;
  readonly namespace: string;
  /** Name of a certificate: `tls.crt` and `tls.key`. */
  readonly certificate?: string;
  /** Name of an authority: `ca.crt`. */
  readonly trust?: string;
  /** The list of what that authority has revoked: `ca.crl`. */
  readonly revocations: boolean;
}

/** How a call is to use TLS, certificates by their names. */
export interface TlsWish {
  readonly trust?: string;
  readonly certificate?: string;
  readonly sni?: string;
  readonly version?: TlsClient['version'];
  readonly cipher?: string;
}

export const DEFAULT_AUTHORITY = 'ca';

/** Certificates made for one run of checks, by the names that the file gives them. Keys are nowhere but here and in Secrets. */
export class Credentials {
  public static readonly NONE = new Credentials({ certificates: new Map(), secrets: [] }, new Map(), new Map(), new Map());

  public static async issue(wishes: CredentialWishes): Promise<Credentials> {
    const certificates = new Map<string, IssuedCertificate>();
    const authorities = new Map<string, CertificateAuthority>();
    for (const [name, wish] of wishes.certificates) {
      const authority = authorities.get(wish.authority) ?? await CertificateAuthority.create(wish.authority);
      authorities.set(wish.authority, authority);
      certificates.set(name, await authority.issue(wish));
    }
    const lists = new Map<string, string>();
    for (const [name, authority] of authorities) {
      const revoked = [...certificates].filter(([one]) => wishes.certificates.get(one)?.revoked && wishes.certificates.get(one)?.authority === name);
      lists.set(name, await authority.revoke(revoked.map(([, certificate]) => certificate)));
    }
    return new Credentials(wishes, certificates, authorities, lists);
  }

  private readonly names: ReadonlyMap<string, string>;

  private constructor(
    private readonly wishes: CredentialWishes,
    private readonly certificates: ReadonlyMap<string, IssuedCertificate>,
    private readonly authorities: ReadonlyMap<string, CertificateAuthority>,
    private readonly revocations: ReadonlyMap<string, string>,
  ) {
    this.names = new Map([...certificates].map(([name, { certificate }]) => [new X509Certificate(certificate).fingerprint256, name]));
  }

  /** The Secrets of the start, as YAML. */
  public get manifest(): string {
    return this.secrets(this.wishes.secrets);
  }

  public secrets(wishes: readonly SecretWish[]): string {
    return wishes.map((wish) => dump(this.secret(wish))).join('---\n');
  }

  /** The call with everything that its client needs. */
  public equip(call: Call, tls: TlsWish | undefined): Call {
    if (!tls) return call;
    const own = tls.certificate === undefined ? undefined : this.certificates.get(tls.certificate);
    const trust = tls.trust === undefined ? undefined : this.authorities.get(tls.trust)?.certificate;
    return {
      ...call,
      tls: {
        ...(trust === undefined ? {} : { trust }),
        ...(own ? { certificate: own.certificate, key: own.key } : {}),
        ...(tls.sni === undefined ? {} : { sni: tls.sni }),
        ...(tls.version ? { version: tls.version } : {}),
        ...(tls.cipher ? { cipher: tls.cipher } : {}),
      },
    };
  }

  /** What the checks call a certificate, by its SHA-256. */
  public nameOf(fingerprint: string): string | undefined {
    return this.names.get(fingerprint);
  }

  private secret({ name, namespace, certificate, trust, revocations }: SecretWish): object {
    const issued = certificate === undefined ? undefined : this.certificates.get(certificate);
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type: issued ? 'kubernetes.io/tls' : 'Opaque',
      stringData: {
        ...(issued ? { 'tls.crt': issued.certificate, 'tls.key': issued.key } : {}),
        ...(trust === undefined ? {} : { 'ca.crt': this.authorities.get(trust)?.certificate }),
        ...(trust === undefined || !revocations ? {} : { 'ca.crl': this.revocations.get(trust) }),
      },
    };
  }
}
