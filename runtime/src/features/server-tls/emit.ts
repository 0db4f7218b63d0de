import type { CertificateValidationContext, CommonTlsContext, SubjectAltNameMatcher } from '../../envoy';
import { CertificateValidationContext_TrustChainVerification, SubjectAltNameMatcher_SanType as SanType, bool } from '../../envoy';
import type { Emitter, SecretRef } from '../emitter';
import { secretConfig, workloadSecret } from '../secret-config';
import { emitTlsLimits } from '../tls-limits';
import type { TlsDefaults } from '../tls-parameters';
import { tlsDefaults } from '../tls-parameters';
import type { ServerTlsSettings } from './model';
import { serverTls } from './model';

export const serverTlsEmitter: Emitter = {
  serverTls(settings, carries, mesh) {
    const value = settings.get(serverTls);
    // Envoy cannot ask for certificates over QUIC (envoyproxy/envoy#23809): who must show one has to come over TCP.
    return value && !(carries === 'http3' && value.clients?.required) ? {
      context: {
        commonTlsContext: {
          ...emitCertificates(value),
          ...emitClients(value.clients),
          // For bytes too, as in Istio: whoever speaks gRPC does not go on with a server that agrees upon nothing.
          alpnProtocols: carries === 'http3' ? ['h3'] : ['h2', 'http/1.1'],
          tlsParams: emitLimits(value, mesh.get(tlsDefaults)),
        },
        requireClientCertificate: bool(value.clients?.required ?? false),
      },
      secrets: secretsOf(value),
    } : undefined;
  },
};

function emitCertificates(value: ServerTlsSettings): CommonTlsContext {
  const secrets = value.certificates.flatMap((one) =>
    ('secret' in one ? [secretConfig({ secret: one.secret, part: 'certificate' })] : 'own' in one ? [workloadSecret('default')] : []));
  const files = value.certificates.flatMap((one) =>
    ('chain' in one ? [{ certificateChain: { filename: one.chain }, privateKey: { filename: one.key } }] : []));
  return { ...(secrets.length > 0 && { tlsCertificateSdsSecretConfigs: secrets }), ...(files.length > 0 && { tlsCertificates: files }) };
}

function emitClients(clients: ServerTlsSettings['clients']): CommonTlsContext {
  if (!clients) {
    return {};
  }
  const conditions: CertificateValidationContext = {
    ...(clients.hashes.length > 0 && { verifyCertificateHash: clients.hashes }),
    ...(clients.spki.length > 0 && { verifyCertificateSpki: clients.spki }),
    ...(clients.subjectAltNames.length > 0 && { matchTypedSubjectAltNames: clients.subjectAltNames.flatMap(anyName) }),
  };
  if (!clients.trust) {
    // Certificates are asked for, but who issued them is not looked at.
    return { validationContext: { ...conditions, trustChainVerification: CertificateValidationContext_TrustChainVerification.ACCEPT_UNTRUSTED } };
  }
  return 'secret' in clients.trust
    ? {
      combinedValidationContext: {
        defaultValidationContext: conditions,
        validationContextSdsSecretConfig: secretConfig({ secret: clients.trust.secret, part: 'authority' }),
      },
    }
    : { validationContext: { trustedCa: { filename: clients.trust.file }, ...conditions, ...(clients.trust.crl && { crl: { filename: clients.trust.crl } }) } };
}

/** A name of a certificate, of whatever type. */
function anyName(exact: string): SubjectAltNameMatcher[] {
  return [SanType.DNS, SanType.URI, SanType.EMAIL, SanType.IP_ADDRESS].map((sanType) => ({ sanType, matcher: { exact } }));
}

/** TLS 1.2 and 1.3 unless told otherwise, here or in MeshConfig. */
function emitLimits({ minVersion, maxVersion, cipherSuites }: ServerTlsSettings, defaults: TlsDefaults = {}): CommonTlsContext['tlsParams'] {
  return emitTlsLimits({
    ...defaults,
    ...(minVersion !== 'TLS_AUTO' && { minVersion }),
    ...(maxVersion !== 'TLS_AUTO' && { maxVersion }),
    ...(cipherSuites.length > 0 && { cipherSuites }),
  });
}

function secretsOf(value: ServerTlsSettings): SecretRef[] {
  const refs = value.certificates.flatMap((one): SecretRef[] => ('secret' in one ? [{ secret: one.secret, part: 'certificate' }] : []));
  const trust = value.clients?.trust;
  return trust && 'secret' in trust ? [...refs, { secret: trust.secret, part: 'authority' }] : refs;
}
