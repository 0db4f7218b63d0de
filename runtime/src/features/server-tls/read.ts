import type { GatewaySpecServersTls as Spec } from '../../../../imports/istio/gateway.types';
import { attach } from '../../model/attachment';
import type { Reader } from '../reader';
import type { CertificateSource, ServerTlsSettings } from './model';
import { serverTls } from './model';

export const serverTlsReader: Reader = {
  serverTls(spec, place) {
    if (spec.mode === 'ISTIO_MUTUAL') {
      place.at('mode').problem('certificates of workloads are not issued yet: the server is left out');
      return [];
    }
    const certificates = readCertificates(spec);
    if (certificates.length === 0) {
      place.problem('has no certificate: set credentialName to the name of a Secret in the namespace of the gateway pods');
      return [];
    }
    return [attach(serverTls, {
      certificates,
      clients: readClients(spec),
      minVersion: spec.minProtocolVersion ?? 'TLS_AUTO',
      maxVersion: spec.maxProtocolVersion ?? 'TLS_AUTO',
      cipherSuites: spec.cipherSuites ?? [],
    })];
  },
};

function readCertificates(spec: Spec): CertificateSource[] {
  const secrets = spec.credentialNames?.length ? spec.credentialNames : spec.credentialName ? [spec.credentialName] : [];
  if (secrets.length > 0) {
    return secrets.map((secret) => ({ secret }));
  }
  const files = spec.tlsCertificates?.length ? spec.tlsCertificates : [spec];
  return files.flatMap((one) => (one.serverCertificate && one.privateKey ? [{ chain: one.serverCertificate, key: one.privateKey }] : []));
}

function readClients(spec: Spec): ServerTlsSettings['clients'] {
  if (spec.mode !== 'MUTUAL' && spec.mode !== 'OPTIONAL_MUTUAL') {
    return undefined;
  }
  return {
    required: spec.mode === 'MUTUAL',
    trust: spec.insecureSkipVerify ? undefined : readTrust(spec),
    subjectAltNames: spec.subjectAltNames ?? [],
    hashes: spec.verifyCertificateHash ?? [],
    spki: spec.verifyCertificateSpki ?? [],
  };
}

function readTrust(spec: Spec): { file: string } | { secret: string } | undefined {
  const secret = spec.caCertCredentialName ?? spec.credentialName ?? spec.credentialNames?.[0];
  if (secret) {
    // Istio looks for the authority in the Secret itself (`ca.crt`) and then in one of the same name with `-cacert`.
    return { secret };
  }
  return spec.caCertificates ? { file: spec.caCertificates } : undefined;
}
