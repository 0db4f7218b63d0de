/** What an operator of Istio switches by environment variables of istiod; docs/istio-switches.md. */
export interface Switches {
  /** Proxies take HTTP/1.0, and look for it; without it they answer 426 where they must take a connection for HTTP. */
  readonly http10: boolean;
  /** Callers' proxies tell the callee who called: `x-forwarded-for` and `x-envoy-internal`. */
  readonly tellsCaller: boolean;
  /** Ports of MongoDB are looked into, for statistics. */
  readonly mongoFilter: boolean;
  /** The proxy speaks Redis itself, and chooses servers by key. */
  readonly redisFilter: boolean;
  /** Gateways are served by pods of their own namespace only. */
  readonly gatewayOwnNamespace: boolean;
  /** Copies of requests are for the same host, which otherwise gets `-shadow` behind it. */
  readonly mirrorSameHost: boolean;
  /** Different policies of a workload may name different external authorizers. */
  readonly severalAuthorizers: boolean;
  /** Hosts are known by their absolute names too, which end with a dot. */
  readonly absoluteNames: boolean;
  /** Who fetches the keys of issuers: the control plane; proxies where the mesh has the server, else the control plane; or proxies only. */
  readonly remoteKeys: 'control' | 'hybrid' | 'proxy';
  /** How long a gateway waits for a client that has begun TLS; zero: for ever. */
  readonly handshakeTimeout: number;
  /** Of new connections that wait at a listener, how many are taken at once; zero: all. */
  readonly acceptAtOnce: number;
}

/** Istio's defaults. */
export const DEFAULT_SWITCHES: Switches = {
  http10: false,
  tellsCaller: false,
  mongoFilter: true,
  redisFilter: false,
  gatewayOwnNamespace: false,
  mirrorSameHost: true,
  severalAuthorizers: false,
  absoluteNames: true,
  remoteKeys: 'control',
  handshakeTimeout: 15_000,
  acceptAtOnce: 1,
};
