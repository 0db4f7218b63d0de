/** A connection, and the request on it, as a proxy sees it. */
export interface Call {
  /** Where the proxy takes it: as redirected inbound or outbound traffic, or on a port of its own. */
  readonly at: 'inbound' | 'outbound' | 'gateway';
  /** Where the connection was going before anybody redirected it. */
  readonly address: string;
  readonly port: number;
  readonly source?: { readonly address: string; readonly port?: number };
  readonly protocol: 'http' | 'http2' | 'tcp';
  /** `mtls`: TLS with a client's certificate. */
  readonly tls: 'plaintext' | 'tls' | 'mtls';
  readonly sni?: string;
  readonly alpn?: string;
  readonly method?: string;
  /** With its query. */
  readonly path?: string;
  readonly authority?: string;
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

export interface Share {
  readonly cluster: string;
  readonly weight: number;
}

/** What the proxy does with a call: the name of everything it comes by, and where it ends. */
export interface Outcome {
  readonly listener?: string;
  readonly filterChain?: string;
  /** Of the certificate that a chain answers with, when it ends TLS. */
  readonly certificate?: { readonly secrets: readonly string[]; readonly clientCertificate: boolean };
  readonly routeConfig?: string;
  readonly virtualHost?: string;
  readonly route?: string;
  /** The one cluster that it goes to. */
  readonly cluster?: string;
  /** Several clusters, each with its share. */
  readonly shares?: readonly Share[];
  /** Answered by the proxy itself. */
  readonly answer?: { readonly status: number; readonly location?: string };
  /** Why it goes nowhere. */
  readonly error?: Failure;
}

export type Failure =
  | 'no listener matched'
  | 'no filter chains matched'
  | 'multiple filter chains matched'
  | 'invalid TLS'
  | 'invalid mTLS'
  | 'protocol error'
  | 'no virtual host matched'
  | 'no route matched'
  | 'tls required, sending 301';
