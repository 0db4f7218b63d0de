import type { GatewaySpecServersTls } from '../imports/istio/gateway.types';
import { invalid } from './private/invalid-value';
import { defined } from './private/merge';

/** A version of TLS. */
export type TlsVersion = '1.0' | '1.1' | '1.2' | '1.3';

/** A certificate as files in the gateway's pods, for those who mount them there. */
export interface CertificateFiles {
  /** The file with the certificate and those between it and its authority. Writes `serverCertificate`. */
  readonly certificate: string;
  /** The file with its private key. Writes `privateKey`. */
  readonly privateKey: string;
}

/**
 * What the gateway shows: the name of a Secret beside the gateway's pods, files in those pods, or two of either, one with an RSA key and one with
 * an ECDSA key.
 */
export type Certificate = string | CertificateFiles | readonly [string, string] | readonly [CertificateFiles, CertificateFiles];

/** Options of {@link Tls}. */
export interface TlsOptions {
  /**
   * The lowest version that is accepted. Writes `tls.minProtocolVersion`.
   * @default Istio's, 1.2
   */
  readonly minVersion?: TlsVersion;
  /**
   * The highest version that is accepted. Writes `tls.maxProtocolVersion`.
   * @default Istio's, 1.3
   */
  readonly maxVersion?: TlsVersion;
  /**
   * Ciphers for TLS 1.2 and lower. Writes `tls.cipherSuites`.
   * @default Envoy's
   */
  readonly cipherSuites?: readonly string[];
}

/** Options of {@link Tls.mutual}: which clients are let in. */
export interface MutualTlsOptions extends TlsOptions {
  /**
   * A Secret or ConfigMap of its own with the authorities of clients. Writes `tls.caCertCredentialName`.
   * @default the `ca.crt` of the Secret, or of the Secret `NAME-cacert`
   */
  readonly caSecret?: string;
  /**
   * A file with the authorities of clients; certificates that are files need it. Writes `tls.caCertificates`.
   * @default none
   */
  readonly caCertificates?: string;
  /**
   * A file with the certificates that are no longer good. A Secret carries its own as `ca.crl`. Writes `tls.caCrl`.
   * @default none
   */
  readonly revoked?: string;
  /**
   * Names, one of which the client's certificate must have. Writes `tls.subjectAltNames`.
   * @default any
   */
  readonly subjectAltNames?: readonly string[];
  /**
   * SHA-256 hashes of client certificates that are let in, in hex. Writes `tls.verifyCertificateHash`.
   * @default any
   */
  readonly certificateHashes?: readonly string[];
  /**
   * SHA-256 hashes of the public keys of clients that are let in, in Base64. Writes `tls.verifyCertificateSpki`.
   * @default any
   */
  readonly publicKeyHashes?: readonly string[];
}

type Mode = 'SIMPLE' | 'MUTUAL' | 'OPTIONAL_MUTUAL' | 'ISTIO_MUTUAL' | 'PASSTHROUGH' | 'AUTO_PASSTHROUGH';

/**
 * What a gateway does with TLS. Writes `servers[].tls`.
 *
 * @example
 * new Gateway(mesh, 'edge', { host: 'shop.example.com', tls: Tls.simple('shop-certificate'), redirectHttp: true });
 */
export class Tls {
  /**
   * The gateway shows a certificate: a Secret of type `kubernetes.io/tls`, or files.
   * @throws {@link MeshError} `invalid-value` if the certificate has no name, or the versions or ciphers make no sense
   */
  public static simple(certificate: Certificate, options: TlsOptions = {}): Tls {
    return new Tls('SIMPLE', certificate, options);
  }

  /**
   * The client must show one too, signed by the `ca.crt` in the Secret (or in the Secret `NAME-cacert`).
   * @throws {@link MeshError} `invalid-value` as {@link Tls.simple}, or if files come without `caCertificates`
   */
  public static mutual(certificate: Certificate, options: MutualTlsOptions = {}): Tls {
    return new Tls('MUTUAL', certificate, options);
  }

  /**
   * As {@link Tls.mutual}, but a client without a certificate is let in as well.
   * @throws {@link MeshError} `invalid-value` as {@link Tls.mutual}
   */
  public static optionalMutual(certificate: Certificate, options: MutualTlsOptions = {}): Tls {
    return new Tls('OPTIONAL_MUTUAL', certificate, options);
  }

  /** The mesh's own mutual TLS: the gateway shows its workload's certificate to clients that are in the mesh. */
  public static istioMutual(options: TlsOptions = {}): Tls {
    return new Tls('ISTIO_MUTUAL', undefined, options);
  }

  /** TLS goes through untouched to the service that answers for the name the client asks for: see `Gateway.tls`. */
  public static passthrough(): Tls {
    return new Tls('PASSTHROUGH', undefined, {});
  }

  /** TLS of other clusters' proxies goes through to the service that their name for the server says. */
  public static autoPassthrough(): Tls {
    return new Tls('AUTO_PASSTHROUGH', undefined, {});
  }

  private constructor(
    /** @internal */
    public readonly mode: Mode,
    /** @internal */
    public readonly certificate: Certificate | undefined,
    /** @internal */
    public readonly options: MutualTlsOptions,
  ) {
    this.checkCertificate();
    this.checkOptions();
  }

  /** Whether the gateway sees what is inside. @internal */
  public get terminates(): boolean {
    return this.mode !== 'PASSTHROUGH' && this.mode !== 'AUTO_PASSTHROUGH';
  }

  /** The Secrets that the certificates are in. @internal */
  public get secrets(): readonly string[] {
    return this.shown.filter((one): one is string => typeof one === 'string');
  }

  /** @internal */
  public render(): GatewaySpecServersTls {
    const { minVersion, maxVersion, cipherSuites, caSecret, caCertificates, revoked, subjectAltNames, certificateHashes, publicKeyHashes } = this.options;
    return defined({
      mode: this.mode,
      ...this.renderCertificate(),
      minProtocolVersion: versionOf(minVersion),
      maxProtocolVersion: versionOf(maxVersion),
      cipherSuites,
      caCertCredentialName: caSecret,
      caCertificates,
      caCrl: revoked,
      subjectAltNames,
      verifyCertificateHash: certificateHashes,
      verifyCertificateSpki: publicKeyHashes,
    });
  }

  private get shown(): readonly (string | CertificateFiles)[] {
    return this.certificate === undefined ? [] : [this.certificate].flat();
  }

  private renderCertificate(): GatewaySpecServersTls {
    const [first] = this.shown;
    if (typeof first === 'string') {
      return this.shown.length > 1 ? { credentialNames: this.secrets } : { credentialName: first };
    }
    const files = this.shown.map((one) => ({ serverCertificate: (one as CertificateFiles).certificate, privateKey: (one as CertificateFiles).privateKey }));
    return files.length > 1 ? { tlsCertificates: files } : { ...files[0] };
  }

  private checkCertificate(): void {
    const needed = this.mode === 'SIMPLE' || this.mode === 'MUTUAL' || this.mode === 'OPTIONAL_MUTUAL';
    const nameless = this.shown.some((one) => !one || (typeof one !== 'string' && (!one.certificate || !one.privateKey)));
    if (needed && (this.shown.length === 0 || nameless)) {
      throw invalid(undefined, 'TLS names no Secret', 'give the name of a Secret in the gateway\'s namespace: Tls.simple(\'shop-certificate\')');
    }
    const { caCertificates, revoked, caSecret } = this.options;
    const files = this.shown.some((one) => typeof one !== 'string');
    if (this.mode !== 'SIMPLE' && files && caCertificates === undefined) {
      throw invalid(undefined, 'mutual TLS with files has no authorities to check clients with', 'give `caCertificates`, the file with their certificates');
    }
    if (!files && needed && (caCertificates ?? revoked) !== undefined) {
      throw invalid(undefined, 'a Secret brings its own authorities and revocations', 'put them into the Secret as `ca.crt` and `ca.crl`, or name another Secret in `caSecret`');
    }
    if (files && caSecret !== undefined) {
      throw invalid(undefined, '`caSecret` goes with a certificate in a Secret', 'give `caCertificates` where the certificate is a file');
    }
  }

  private checkOptions(): void {
    const { minVersion, maxVersion, cipherSuites, certificateHashes = [], publicKeyHashes = [] } = this.options;
    if (minVersion !== undefined && maxVersion !== undefined && minVersion > maxVersion) {
      throw invalid(undefined, `no version of TLS is at least ${minVersion} and at most ${maxVersion}`, 'change `minVersion` or `maxVersion`');
    }
    if (cipherSuites?.length === 0) {
      throw invalid(undefined, '`cipherSuites` is empty', 'leave it out for Envoy\'s own ciphers');
    }
    if ((minVersion === '1.0' || minVersion === '1.1') && cipherSuites === undefined) {
      throw invalid(undefined, `TLS ${minVersion} needs ciphers that Envoy no longer offers by itself`, 'name them in `cipherSuites`, such as \'ECDHE-RSA-AES128-SHA\'');
    }
    const hash = certificateHashes.find((one) => !/^[0-9a-f]{2}(:?[0-9a-f]{2}){31}$/i.test(one)) ?? publicKeyHashes.find((one) => !/^[A-Za-z0-9+/]{43}=$/.test(one));
    if (hash !== undefined) {
      throw invalid(undefined, `"${hash}" is no SHA-256 hash`, 'give certificates\' hashes in hex (64 digits) and public keys\' in Base64 (44 characters)');
    }
  }
}

function versionOf(version: TlsVersion | undefined): GatewaySpecServersTls['minProtocolVersion'] {
  return version === undefined ? undefined : `TLSV${version.replace('.', '_')}` as GatewaySpecServersTls['minProtocolVersion'];
}
