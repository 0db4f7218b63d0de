import { key } from '../../model/attachment';
import type { KeySource } from '../../model/key-set';

/** Tokens of one issuer: how they are verified, where requests carry them, and what becomes of them. */
export interface TokenRule {
  /** Empty: any. */
  readonly issuer: string;
  /** Empty: any. */
  readonly audiences: readonly string[];
  /** Keys that were written down, a place where they are, or none because what was written cannot be read: then no token is good. */
  readonly keys: { readonly jwks: string } | KeySource | 'unreadable';
  /** Nothing in all three: `Authorization: Bearer`, and the parameter `access_token`. */
  readonly headers: readonly { readonly name: string; readonly prefix: string }[];
  readonly params: readonly string[];
  readonly cookies: readonly string[];
  /** Whether the token is passed on. */
  readonly forward: boolean;
  readonly payloadHeader?: string;
  readonly claimHeaders: readonly { readonly claim: string; readonly header: string }[];
  /** Claims that are lists of words. */
  readonly wordLists: readonly string[];
  /** Where it was written. */
  readonly path: string;
}

export const tokenRules = key<readonly TokenRule[]>('tokenRules');

/** The keys of the rules, in their order: known to the control plane, to be fetched by the proxy itself, or none. */
export type TokenKeys =
  | { readonly jwks: string }
  | { readonly uri: string; readonly cluster: string; readonly timeout: number }
  | 'none';

export const tokenKeys = key<readonly TokenKeys[]>('tokenKeys');
