/** How a proxy deals with connections and requests that come to it: Istio's `connectionSettings`. Times in milliseconds; undefined: Envoy's own. */
export interface ConnectionSettings {
  readonly listenerBuffer?: number;
  readonly idleTimeout?: number;
  readonly maxDuration?: number;
  readonly drainTimeout?: number;
  readonly requestTimeout?: number;
  readonly headersTimeout?: number;
  readonly streamIdleTimeout?: number;
  readonly maxStreamDuration?: number;
  readonly maxStreams?: number;
  readonly streamWindow?: number;
  readonly connectionWindow?: number;
  readonly underscores?: 'ALLOW' | 'REJECT_REQUEST' | 'DROP_HEADER';
  readonly mergeSlashes?: boolean;
  readonly escapedSlashes?: 'KEEP_UNCHANGED' | 'REJECT_REQUEST' | 'UNESCAPE_AND_REDIRECT' | 'UNESCAPE_AND_FORWARD';
}

/** What the profile EDGE says of gateways; https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge */
export const EDGE_PROFILE: ConnectionSettings = {
  listenerBuffer: 32_768,
  idleTimeout: 3_600_000,
  requestTimeout: 300_000,
  streamIdleTimeout: 300_000,
  maxStreams: 100,
  streamWindow: 65_536,
  connectionWindow: 1_048_576,
  underscores: 'REJECT_REQUEST',
  mergeSlashes: true,
  escapedSlashes: 'UNESCAPE_AND_REDIRECT',
};
