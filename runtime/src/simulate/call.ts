import type { AccessDecision } from './access-decision';
import type { Visitor } from './visitor';

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
  /** Whose certificate the client has, with `mtls`. */
  readonly identity?: Visitor['connection']['identity'];
  /** The address of the client behind proxies, if the request says that there are some. @default that of the source */
  readonly client?: string;
  /** The token of the user, at the place where it is looked for. */
  readonly token?: Token;
  /** What an external authorizer answers, if it is asked. */
  readonly authorizer?: 'allows' | 'denies';
}

export interface Token {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Whether signature or times are wrong: they are not looked at here. */
  readonly bad?: boolean;
}

/** What one filter on the way decided: about the right to go on, or about a token. */
export interface Decision extends AccessDecision {
  readonly filter: string;
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
  /** What filters that may refuse decided, in order; the last one refused if it did not allow. */
  readonly decisions?: readonly Decision[];
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
  | 'tls required, sending 301'
  | 'access denied';
