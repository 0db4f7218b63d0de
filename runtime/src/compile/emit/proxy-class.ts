import type { BindConfig, ConfigSource } from '../../envoy';
import { ApiVersion, SocketOption_SocketState, duration } from '../../envoy';

/** What of a proxy shapes its configuration: proxies for which all of this is equal share bytes. */
export interface ProxyClass {
  readonly type: 'sidecar' | 'router';
  /** Marks the proxy's own connections where they cannot be told apart by user (locally). */
  readonly mark?: number;
  readonly systemTrust: string;
}

const SOL_SOCKET = 1;
const SO_MARK = 36;

/** Where connections of the proxy come from. */
export function bindConfig(proxy: ProxyClass, sourceAddress?: string): { upstreamBindConfig?: BindConfig } {
  if (proxy.mark === undefined && sourceAddress === undefined) {
    return {};
  }
  return {
    upstreamBindConfig: {
      ...(sourceAddress !== undefined && { sourceAddress: { address: sourceAddress, portValue: 0 } }),
      ...(proxy.mark !== undefined && {
        socketOptions: [{
          description: 'SO_MARK', level: SOL_SOCKET, name: SO_MARK, intValue: proxy.mark, state: SocketOption_SocketState.STATE_PREBIND,
        }],
      }),
    },
  };
}

/** Everything comes over the one stream, and waits for as long as it takes. */
export const ADS: ConfigSource = { ads: {}, initialFetchTimeout: duration(0), resourceApiVersion: ApiVersion.V3 };
