import type { TransportSocket } from '../../envoy';
import { ProxyProtocolConfig_Version as Version, any } from '../../envoy';
import type { Emitter } from '../emitter';
import { proxyProtocol } from './model';

const PLAIN: TransportSocket = { name: 'envoy.transport_sockets.raw_buffer', typedConfig: any('RawBuffer', {}) };

export const proxyProtocolEmitter: Emitter = {
  /** The header comes before everything else, a TLS handshake too. */
  transport(settings, inner) {
    const value = settings.get(proxyProtocol);
    return value && {
      name: 'envoy.transport_sockets.upstream_proxy_protocol',
      typedConfig: any('ProxyProtocolUpstreamTransport', { config: { version: Version[value.version] }, transportSocket: inner ?? PLAIN }),
    };
  },
};
