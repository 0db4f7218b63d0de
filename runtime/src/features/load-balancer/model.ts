import { key } from '../../model/attachment';

export type Algorithm = 'LEAST_REQUEST' | 'ROUND_ROBIN' | 'RANDOM' | 'PASSTHROUGH' | 'RING_HASH' | 'MAGLEV';

/** What of a request decides its endpoint. Durations in milliseconds. */
export type HashKey =
  | { readonly kind: 'header' | 'query'; readonly name: string }
  | { readonly kind: 'cookie'; readonly name: string; readonly path?: string; readonly ttl?: number; readonly attributes: readonly CookieAttribute[] }
  | { readonly kind: 'source-ip' };

export interface CookieAttribute {
  readonly name: string;
  readonly value: string;
}

export interface LoadBalancer {
  readonly algorithm: Algorithm;
  readonly hash?: HashKey;
  readonly minimumRingSize?: number;
  readonly tableSize?: number;
  /** A new endpoint gets its full share only after this time. */
  readonly warmup?: { readonly duration: number; readonly minimumPercent?: number; readonly aggression?: number };
}

export const loadBalancer = key<LoadBalancer>('loadBalancer');
