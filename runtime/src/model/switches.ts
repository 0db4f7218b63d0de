/** What an operator of Istio switches by environment variables of istiod; docs/istio-switches.md. */
export interface Switches {
  /** Proxies take HTTP/1.0; without it they answer 426. */
  readonly http10: boolean;
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
}

/** Istio's defaults. */
export const DEFAULT_SWITCHES: Switches = {
  http10: false, mongoFilter: true, redisFilter: false, gatewayOwnNamespace: false, mirrorSameHost: true, severalAuthorizers: false, absoluteNames: true, remoteKeys: 'control',
};
