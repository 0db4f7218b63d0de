import { key } from '../../model/attachment';

export type TlsVersion = 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3';

/** TLS that a gateway terminates. */
export interface ServerTlsSettings {
  readonly certificates: readonly CertificateSource[];
  /** Who may be a client: undefined asks for no certificate. */
  readonly clients?: {
    readonly required: boolean;
    /** A file or a Secret; undefined: any certificate will do (`insecureSkipVerify`). */
    readonly trust?: { readonly file: string; readonly crl?: string } | { readonly secret: string };
    readonly subjectAltNames: readonly string[];
    readonly hashes: readonly string[];
    readonly spki: readonly string[];
  };
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  readonly cipherSuites: readonly string[];
}

/** `own`: the one that the mesh gave the gateway itself. */
export type CertificateSource = { readonly secret: string } | { readonly chain: string; readonly key: string } | { readonly own: true };

/** A `credentialName` that is no Secret but the gateway's own certificate (istio/istio pilot/pkg/model/credentials, BuiltinGatewaySecretType). */
export const OWN_CERTIFICATE = 'builtin://';

export const serverTls = key<ServerTlsSettings>('serverTls');
