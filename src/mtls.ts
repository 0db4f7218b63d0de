/** Mutual TLS between workloads, as in Istio's PeerAuthentication. */
export enum Mtls {
  /** Plain text is refused. */
  STRICT = 'STRICT',
  /** Mutual TLS and plain text are both accepted. */
  PERMISSIVE = 'PERMISSIVE',
  /** No mutual TLS. */
  DISABLE = 'DISABLE',
}
