import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

import type { ServerCertificate } from './authority';

/** The cipher suites of TLS 1.2 that Istio's server has; TLS 1.3 has only good ones. */
const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/**
 * TLS for the secured port: clients may show a certificate, which is verified; whether they must is for each service to say. What new
 * connections see can be exchanged. There are no session tickets: with one, a client would be known after its certificate, or the root above
 * it, has gone.
 */
export class RenewableCredentials extends ServerCredentials {
  constructor(certificate: ServerCertificate) {
    super({ requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' }, contextOf(certificate));
  }

  renew(certificate: ServerCertificate): void {
    this.updateSecureContextOptions(contextOf(certificate));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function contextOf({ chain, key, roots }: ServerCertificate): SecureContextOptions {
  return { cert: chain.join(''), key, ca: [...roots], ciphers: CIPHERS, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET };
}
