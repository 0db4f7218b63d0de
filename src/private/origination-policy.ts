import type { IConstruct } from 'constructs';
import type { DestinationRuleSpecTrafficPolicyTls } from '../../imports/istio/destination-rule.types';
import { MeshError } from '../mesh-error';
import type { TlsOrigination } from '../tls-origination';
import { defined } from './merge';
import { isWildcard } from './names';

/** Istio reads either a Secret or files. */
export function checkOrigination({ caSecret, clientSecret, clientCertificate, caCertificates, revoked }: TlsOrigination, construct: IConstruct): void {
  const secret = caSecret ?? clientSecret;
  const problem = caSecret !== undefined && clientSecret !== undefined ? 'both `caSecret` and `clientSecret`, and there is one Secret for all'
    : secret !== undefined && (clientCertificate ?? caCertificates ?? revoked) !== undefined ? 'both a Secret and files' : undefined;
  if (problem !== undefined) {
    throw new MeshError({ construct, code: 'invalid-value', problem: `\`originateTls\` has ${problem}`, fix: 'put the certificates that are trusted into the Secret, as `ca.crt`, or give files only' });
  }
}

/** TLS to a host, in Istio's words. */
export function originationPolicy(options: TlsOrigination, host: string): DestinationRuleSpecTrafficPolicyTls {
  const { serverName, subjectAltNames, caCertificates, caSecret, revoked, clientSecret, clientCertificate, insecureSkipVerify } = options;
  return defined({
    mode: (clientSecret ?? clientCertificate) === undefined ? 'SIMPLE' as const : 'MUTUAL' as const,
    sni: serverName ?? (isWildcard(host) ? undefined : host),
    subjectAltNames: subjectAltNames ?? (serverName === undefined ? undefined : [serverName]),
    caCertificates,
    caCrl: revoked,
    credentialName: clientSecret ?? caSecret,
    clientCertificate: clientCertificate?.certificate,
    privateKey: clientCertificate?.privateKey,
    insecureSkipVerify,
  });
}
