/** Public keys of an issuer of tokens, as a control plane asks for them. */
export interface KeySource {
  /** Where the keys are; empty: where the issuer says, as OpenID Connect has it. */
  readonly uri: string;
  readonly issuer: string;
  /** Milliseconds that an attempt may take. */
  readonly timeout: number;
}

/** What came of asking. */
export interface KeySet {
  readonly uri: string;
  readonly issuer: string;
  /** A JSON Web Key Set; undefined: there never was one. */
  readonly jwks?: string;
  /** Why the last attempt came to nothing. */
  readonly fault?: string;
}

/** Under this kind fetched keys stand in a Snapshot, put there by the control plane: to compile they are objects like all others. */
export const KEY_SETS = 'runtime.cdk8s-istio.dev/KeySet';

export function keySetName({ uri, issuer }: Pick<KeySource, 'uri' | 'issuer'>): string {
  return JSON.stringify([uri, issuer]);
}
