import type { HttpConnectionManager, Listener } from '../../envoy';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes, HttpProtocolOptions_HeadersWithUnderscoresAction as Underscores, duration, uint32,
} from '../../envoy';
import type { ConnectionSettings } from '../../model/connection-settings';
import { EDGE_PROFILE } from '../../model/connection-settings';
import type { ProxySettings } from '../../model/proxy-settings';

/** What holds on a side of a proxy: the profile EDGE is for gateways only, and what is written goes before it. */
function settingsOf({ connections, edgeProfile }: ProxySettings, side: 'outbound' | 'inbound' | 'edge'): ConnectionSettings {
  return { ...(edgeProfile && side === 'edge' ? EDGE_PROFILE : {}), ...connections };
}

export function emitConnections(proxy: ProxySettings, side: 'outbound' | 'inbound' | 'edge'): HttpConnectionManager {
  const settings = settingsOf(proxy, side);
  const common = emitCommon({ ...(proxy.idleTimeout !== undefined && { idleTimeout: proxy.idleTimeout }), ...settings });
  const http2 = {
    ...(settings.maxStreams !== undefined && { maxConcurrentStreams: uint32(settings.maxStreams) }),
    ...(settings.streamWindow !== undefined && { initialStreamWindowSize: uint32(settings.streamWindow) }),
    ...(settings.connectionWindow !== undefined && { initialConnectionWindowSize: uint32(settings.connectionWindow) }),
  };
  return {
    ...emitTimes(settings),
    ...(Object.keys(common).length > 0 && { commonHttpProtocolOptions: common }),
    ...(Object.keys(http2).length > 0 && { http2ProtocolOptions: http2 }),
    ...(settings.mergeSlashes !== undefined && { mergeSlashes: settings.mergeSlashes }),
    ...(settings.escapedSlashes && { pathWithEscapedSlashesAction: EscapedSlashes[settings.escapedSlashes] }),
  };
}

/** Without a word, streams may be idle for as long as they like: a route knows better. */
function emitTimes({ drainTimeout, requestTimeout, headersTimeout, streamIdleTimeout = 0 }: ConnectionSettings): HttpConnectionManager {
  return {
    streamIdleTimeout: duration(streamIdleTimeout),
    ...(drainTimeout !== undefined && { drainTimeout: duration(drainTimeout) }),
    ...(requestTimeout !== undefined && { requestTimeout: duration(requestTimeout) }),
    ...(headersTimeout !== undefined && { requestHeadersTimeout: duration(headersTimeout) }),
  };
}

function emitCommon({ idleTimeout, maxDuration, maxStreamDuration, underscores }: ConnectionSettings): NonNullable<HttpConnectionManager['commonHttpProtocolOptions']> {
  return {
    ...(idleTimeout !== undefined && { idleTimeout: duration(idleTimeout) }),
    ...(maxDuration !== undefined && { maxConnectionDuration: duration(maxDuration) }),
    ...(maxStreamDuration !== undefined && { maxStreamDuration: duration(maxStreamDuration) }),
    ...(underscores && { headersWithUnderscoresAction: Underscores[underscores] }),
  };
}

/** Of gateways only, as in Istio (istio#60576). */
export function emitBuffer(proxy: ProxySettings): Listener {
  const { listenerBuffer } = settingsOf(proxy, 'edge');
  return listenerBuffer === undefined ? {} : { perConnectionBufferLimitBytes: uint32(listenerBuffer) };
}
