import type { DownstreamTlsContext, FilterChain } from '../envoy';
import { unpack } from './unpack';
import type { Call, Failure, Outcome } from './call';
import { NotModelled } from './modelled';

/** What a filter chain asks of a connection. */
export interface Transport {
  readonly terminated: boolean;
  readonly certificate?: Outcome['certificate'];
  readonly failure?: Failure;
}

const TLS = 'envoy.transport_sockets.tls';

/** `mtls` is a client that will prove who it is: to a server that does not ask, it would stay unknown. */
export function shakeHands(chain: FilterChain, { tls }: Call): Transport {
  const socket = chain.transportSocket;
  if (!socket || socket.name === 'envoy.transport_sockets.raw_buffer') {
    return { terminated: false };
  }
  if (socket.name !== TLS || !socket.typedConfig) {
    throw new NotModelled(`transport socket ${socket.name}`);
  }
  const { commonTlsContext = {}, requireClientCertificate } = unpack(socket.typedConfig) as DownstreamTlsContext;
  const clientCertificate = requireClientCertificate?.value ?? false;
  const secrets = (commonTlsContext.tlsCertificateSdsSecretConfigs ?? []).map(({ name = '' }) => name);
  const certificate = { secrets, clientCertificate };
  const failure = tls === 'plaintext' ? 'invalid TLS' : clientCertificate !== (tls === 'mtls') ? 'invalid mTLS' : undefined;
  return { terminated: true, certificate, failure };
}
