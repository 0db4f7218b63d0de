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

export type CertificateSource = { readonly secret: string } | { readonly chain: string; readonly key: string };

export const serverTls = key<ServerTlsSettings>('serverTls');
