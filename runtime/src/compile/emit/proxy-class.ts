import type { BindConfig, ConfigSource } from '../../envoy';
import { ApiVersion, duration } from '../../envoy';

/** What of a proxy shapes its configuration: proxies for which all of this is equal share bytes. */
export interface ProxyClass {
  readonly type: 'sidecar' | 'router';
  readonly systemTrust: string;
}

/**
 * Where connections of the proxy come from. A mark of the proxy's own connections (locally they are told apart by it) stands in the bootstrap:
 * Envoy puts its socket options on the connections of every cluster that has none of its own, with a source address or without.
 */
export function bindConfig(sourceAddress: string): { upstreamBindConfig: BindConfig } {
  return { upstreamBindConfig: { sourceAddress: { address: sourceAddress, portValue: 0 } } };
}

/** Everything comes over the one stream, and waits for as long as it takes. */
export const ADS: ConfigSource = { ads: {}, initialFetchTimeout: duration(0), resourceApiVersion: ApiVersion.V3 };
