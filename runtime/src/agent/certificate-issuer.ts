/** What an authority hands out for a request. */
export interface IssuedChain {
  /** PEM, one certificate each: the leaf first, then the intermediates. */
  readonly chain: readonly string[];
  /** PEM: what peers' certificates are to be verified by; more than one while the root is replaced. */
  readonly root: string;
}

/** Turns requests (PKCS #10, PEM) into certificates. One attempt; it fails with an Error that says why, and never holds a key or a token in it. */
export interface CertificateIssuer {
  sign(csrPem: string, validitySeconds: number): Promise<IssuedChain>;
}
