/** What happens to traffic for hosts that the mesh does not know, as in Istio's `outboundTrafficPolicy`. */
export enum Outbound {
  /** It passes through. */
  ALLOW_ANY = 'ALLOW_ANY',
  /** It is refused: HTTP gets 502, other connections are closed. */
  REGISTRY_ONLY = 'REGISTRY_ONLY',
}
