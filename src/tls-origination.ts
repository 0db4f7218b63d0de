import type { CertificateFiles } from './tls';

/** TLS that the proxy puts around plain requests. Writes `trafficPolicy.tls` of the DestinationRule. */
export interface TlsOrigination {
  /**
   * The name that is asked for and that the certificate must have. Writes `sni`, and `subjectAltNames`.
   * @default the host
   */
  readonly serverName?: string;
  /**
   * Names, one of which the certificate must have. Writes `subjectAltNames`.
   * @default `serverName`, or else the host
   */
  readonly subjectAltNames?: readonly string[];
  /**
   * A file in the proxy with the certificates that are trusted. Writes `caCertificates`.
   * @default those of the operating system
   */
  readonly caCertificates?: string;
  /**
   * A Secret beside an egress gateway with the certificates that are trusted, as `cacert` or `ca.crt`. Writes `credentialName`.
   * @default none
   */
  readonly caSecret?: string;
  /**
   * A file in the proxy with the certificates that are no longer good. A Secret carries its own. Writes `caCrl`.
   * @default none
   */
  readonly revoked?: string;
  /**
   * A Secret beside an egress gateway with a client certificate, and what is trusted, for mutual TLS. Writes `credentialName`.
   * @default none
   */
  readonly clientSecret?: string;
  /**
   * Files in the proxy with a client certificate, for mutual TLS. Writes `clientCertificate` and `privateKey`.
   * @default none
   */
  readonly clientCertificate?: CertificateFiles;
  /**
   * Whether any certificate will do, whoever signed it and whatever its name. Anybody on the way can then read everything. Writes
   * `insecureSkipVerify`.
   * @default false
   */
  readonly insecureSkipVerify?: boolean;
}
