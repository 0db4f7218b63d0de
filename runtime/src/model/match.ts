import type { Labels } from './workload';

export type StringMatch =
  | { readonly kind: 'exact' | 'prefix' | 'regex'; readonly value: string }
  /** Any value, but there must be one. */
  | { readonly kind: 'present' };

/** A path may also be matched by whole segments: `/shop` is then `/shop` and `/shop/cart`, never `/shopping`. */
export type PathMatch = StringMatch | { readonly kind: 'path-prefix'; readonly value: string };

export type NamedMatch = readonly [name: string, match: StringMatch];

/** What is known of the caller before any request: decided when configuration is made, never by the proxy. */
export interface CallerMatch {
  readonly port?: number;
  readonly sourceLabels: Labels;
  readonly sourceNamespace?: string;
  /** `mesh` and `namespace/name` of gateways; empty: those of the VirtualService. */
  readonly gateways: readonly string[];
}

/** A claim of the caller's verified token: the names that lead to it, and what it, or one item of it, must be like. */
export interface ClaimMatch {
  readonly path: readonly string[];
  readonly match: StringMatch;
  /** It must not be like that, or not be there. */
  readonly absent: boolean;
}

/** One entry of `match`: all conditions hold together. */
export interface HttpMatch extends CallerMatch {
  readonly name?: string;
  readonly uri?: PathMatch;
  readonly ignoreUriCase: boolean;
  readonly scheme?: StringMatch;
  readonly method?: StringMatch;
  readonly authority?: StringMatch;
  readonly headers: readonly NamedMatch[];
  readonly withoutHeaders: readonly NamedMatch[];
  readonly claims: readonly ClaimMatch[];
  readonly queryParams: readonly NamedMatch[];
  readonly statPrefix?: string;
}

export interface TlsMatch extends CallerMatch {
  readonly sniHosts: readonly string[];
  readonly destinationSubnets: readonly string[];
}

export interface TcpMatch extends CallerMatch {
  readonly destinationSubnets: readonly string[];
}

/** The proxy for which routes are made, as matches see it. */
export interface Caller {
  readonly labels: Labels;
  readonly namespace: string;
  /** `mesh`, or the gateway through which the request comes. */
  readonly gateway: string;
  readonly port: number;
}
