import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectSecurely, TLSSocket, type ConnectionOptions } from 'node:tls';

import type { TlsClient, TlsSession } from '../check/engine-port';
import type { Target } from './target';

/**
 * How Node begins TLS with a host. Certificates are verified only if it is said whom to trust: checks look at what comes back, as `curl -k`
 * does. No session is taken up again, so that every connection sees the certificate of its time.
 */
export function secureOptions(host: string, tls: TlsClient = {}): ConnectionOptions {
  const { trust, certificate, key, sni, version, cipher } = tls;
  return {
    servername: sni ?? (isIP(host) ? '' : host),
    rejectUnauthorized: trust !== undefined,
    // The name that counts is the one that was called, as with curl, whatever name was asked for.
    checkServerIdentity: (_name, peer) => checkServerIdentity(host, peer),
    ...(trust === undefined ? {} : { ca: trust }),
    ...(certificate === undefined ? {} : { cert: certificate, key }),
    ...(version ? { minVersion: version, maxVersion: version } : {}),
    ...(cipher ? { ciphers: cipher } : {}),
  };
}

/** A connection; with `tls` a secure one to the host that is named there. */
export function connectTo({ address, port }: Target, tls?: TlsClient & { readonly host: string }): Socket {
  return tls ? connectSecurely({ host: address, port, ...secureOptions(tls.host, tls) }) : connect(port, address);
}

/** What was agreed upon; undefined where there is no TLS. */
export function sessionOf(socket: Socket | undefined): TlsSession | undefined {
  if (!(socket instanceof TLSSocket)) {
    return undefined;
  }
  const { alpnProtocol } = socket;
  return {
    certificate: socket.getPeerCertificate().fingerprint256 ?? '',
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    ...(alpnProtocol ? { alpn: alpnProtocol } : {}),
  };
}
