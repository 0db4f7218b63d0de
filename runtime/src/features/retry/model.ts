import { key } from '../../model/attachment';

/** What a rule says about retries. Durations in milliseconds; undefined fields keep Istio's defaults. */
export interface RetryPolicy {
  /** 0: none. */
  readonly attempts: number;
  readonly perTryTimeout?: number;
  /** Envoy's names of conditions; status codes are apart. */
  readonly on?: readonly string[];
  readonly statusCodes: readonly number[];
  readonly backoff?: number;
  readonly ignorePreviousHosts?: boolean;
  readonly remoteLocalities?: boolean;
}

export const retry = key<RetryPolicy>('retry');
