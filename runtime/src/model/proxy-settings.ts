import type { ConnectionSettings } from './connection-settings';

/** What becomes of the header `x-forwarded-client-cert`. */
export type ClientCertificateForwarding = 'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY';

/** What of a client's certificate is told in it. */
export interface ClientCertificateDetails {
  readonly subject: boolean;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly dns: boolean;
  readonly uri: boolean;
}

/** How a proxy deals with whatever passes it: what of Istio's ProxyConfig concerns traffic. */
export interface ProxySettings {
  /** Proxies before a gateway that may say whom they call for. */
  readonly trustedProxies: number;
  /** Connections to a gateway begin with a PROXY header. */
  readonly proxyProtocol: boolean;
  readonly edgeCertificates: ClientCertificateForwarding;
  readonly sidecarCertificates: ClientCertificateForwarding;
  /** Of sidecars. */
  readonly certificateDetails: ClientCertificateDetails;
  readonly http10: boolean;
  /** After which a connection without requests is closed, in milliseconds. */
  readonly idleTimeout?: number;
  /** Undefined: what the application says stays. */
  readonly serverHeader?: string;
  readonly requestId: boolean;
  /** Headers that tell how Envoy came to its answer, such as `x-envoy-upstream-service-time`. */
  readonly debugHeaders: boolean;
  readonly forwardedPort: boolean;
  /** `x-forwarded-host` keeps the host that a rule replaces. */
  readonly forwardedHost: boolean;
  /** Servers are told by `x-envoy-attempt-count` how many times it was tried. */
  readonly attemptCount: boolean;
  /** Names of headers are written as they came, for those HTTP/1.1 applications to which the case of letters matters. */
  readonly headerCase: boolean;
  readonly connections?: ConnectionSettings;
  /** Gateways have Envoy's recommended settings where nothing else is said. */
  readonly edgeProfile?: boolean;
}

export const SERVER_HEADER = 'istio-envoy';

export const DEFAULT_PROXY_SETTINGS: ProxySettings = {
  trustedProxies: 0,
  proxyProtocol: false,
  edgeCertificates: 'SANITIZE_SET',
  sidecarCertificates: 'APPEND_FORWARD',
  certificateDetails: { subject: true, cert: false, chain: false, dns: true, uri: true },
  http10: false,
  serverHeader: SERVER_HEADER,
  requestId: true,
  debugHeaders: true,
  forwardedPort: false,
  forwardedHost: false,
  attemptCount: true,
  headerCase: false,
};
