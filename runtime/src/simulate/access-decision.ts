/** What one filter decides. */
export interface AccessDecision {
  readonly allowed: boolean;
  /** The rule that decides, as access logs name it. */
  readonly policy?: string;
  /** What rules on trial, or rules by which somebody else is asked, would decide: what Envoy leaves in the metadata of its filter. */
  readonly shadow?: { readonly prefix: string; readonly allowed: boolean; readonly policy?: string };
}
