import { X509Certificate } from 'node:crypto';

import type { Authenticator, Caller, Credentials } from './authenticator';
import { parseSpiffeId } from './spiffe';

/** The trust domain, and others under which the same workloads are known. */
export interface Trust {
  readonly domain: string;
  readonly aliases: readonly string[];
}

/** A workload that has a certificate renews it by that one, as virtual machines do. */
export class ClientCertificates implements Authenticator {
  readonly name = 'client certificate';

  constructor(private readonly trust: () => Trust) {}

  authenticate({ certificate }: Credentials): Promise<Caller | string> {
    if (!certificate) return Promise.resolve('none was shown, or none that a root of this mesh has issued');
    const identity = certificateIdentity(certificate, this.trust());
    return Promise.resolve(typeof identity === 'string' ? identity : { identity, proof: this.name });
  }
}

/**
 * Who a certificate says its holder is, or why it does not count. Connections live longer than certificates, so its time is looked at for
 * each request.
 */
export function certificateIdentity(certificate: Uint8Array, { domain, aliases }: Trust): { readonly namespace: string; readonly serviceAccount: string } | string {
  const { subjectAltName = '', validTo, ca } = new X509Certificate(certificate);
  if (Date.parse(validTo) <= Date.now()) return `the certificate ended on ${new Date(validTo).toISOString()}`;
  if (ca) return 'the certificate is that of an authority';
  // One name exactly: SPIFFE allows no more, and text of several could be made to look like another.
  const id = /^URI:([^,"]*)$/.exec(subjectAltName)?.[1];
  const parsed = id === undefined ? undefined : parseSpiffeId(id);
  if (!parsed) return `the certificate's name is not one of the form spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT: ${JSON.stringify(subjectAltName.slice(0, 300))}`;
  const { trustDomain, namespace, serviceAccount } = parsed;
  if (trustDomain !== domain && !aliases.includes(trustDomain)) return `the certificate is of trust domain ${trustDomain}, this mesh is ${[domain, ...aliases].join(', ')}`;
  return { namespace, serviceAccount };
}
