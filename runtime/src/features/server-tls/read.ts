import type { GatewaySpecServersTls as Spec } from '../../../../imports/istio/gateway.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import { readCipherSuites, readTlsDefaults, tlsDefaults } from '../tls-parameters';
import type { CertificateSource, ServerTlsSettings } from './model';
import { OWN_CERTIFICATE, serverTls } from './model';

export const serverTlsReader: Reader = {
  mesh: (config, place) => (config.tlsDefaults ? [attach(tlsDefaults, readTlsDefaults(config.tlsDefaults, place.at('tlsDefaults')))] : []),
  serverTls(spec, place) {
    if (spec.mode === 'ISTIO_MUTUAL') {
      return [];
    }
    const certificates = readCertificates(spec);
    warnOfConditions(spec, place);
    if (certificates.length === 0) {
      place.problem('has no certificate: set credentialName to the name of a Secret in the namespace of the gateway pods');
      return [];
    }
    const clients = readClients(spec, place);
    if (clients && !clients.trust && !spec.insecureSkipVerify) {
      place.problem(`mode ${spec.mode} needs an authority to compare certificates with: set caCertificates, or credentialName; the server is left out`);
      return [];
    }
    return [attach(serverTls, {
      certificates,
      clients,
      minVersion: spec.minProtocolVersion ?? 'TLS_AUTO',
      maxVersion: spec.maxProtocolVersion ?? 'TLS_AUTO',
      cipherSuites: readCipherSuites(spec.cipherSuites, place.at('cipherSuites')) ?? [],
    })];
  },
};

function readCertificates(spec: Spec): CertificateSource[] {
  const secrets = spec.credentialNames?.length ? spec.credentialNames : spec.credentialName ? [spec.credentialName] : [];
  if (secrets.length > 0) {
    return secrets.map((secret) => (secret.startsWith(OWN_CERTIFICATE) ? { own: true } : { secret }));
  }
  const files = spec.tlsCertificates?.length ? spec.tlsCertificates : [spec];
  return files.flatMap((one) => (one.serverCertificate && one.privateKey ? [{ chain: one.serverCertificate, key: one.privateKey }] : []));
}

function readClients(spec: Spec, place: Place): ServerTlsSettings['clients'] {
  if (spec.mode !== 'MUTUAL' && spec.mode !== 'OPTIONAL_MUTUAL') {
    return undefined;
  }
  return {
    required: spec.mode === 'MUTUAL',
    trust: spec.insecureSkipVerify ? undefined : readTrust(spec),
    // `insecureSkipVerify` means names, too.
    subjectAltNames: spec.insecureSkipVerify ? [] : spec.subjectAltNames ?? [],
    hashes: matching(spec.verifyCertificateHash, /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, place.at('verifyCertificateHash')),
    spki: matching(spec.verifyCertificateSpki, /^[A-Za-z0-9+/]{43}=$/, place.at('verifyCertificateSpki')),
  };
}

/** A condition that cannot be read must not let more clients in: Envoy asks for a match of any of those that stay, so none is added. */
function matching(hashes: readonly string[] | undefined, form: RegExp, place: Place): string[] {
  return (hashes ?? []).filter((hash, i) => {
    if (!form.test(hash)) {
      place.at(i).problem(`'${hash}' is no SHA-256 hash in the form that is asked for: it is left out`);
    }
    return form.test(hash);
  });
}

function readTrust(spec: Spec): { file: string; crl?: string } | { secret: string } | undefined {
  const secret = spec.caCertCredentialName ?? spec.credentialName ?? spec.credentialNames?.[0];
  if (secret) {
    // Istio looks for the authority in the Secret itself (`ca.crt`) and then in one of the same name with `-cacert`.
    return { secret };
  }
  return spec.caCertificates ? { file: spec.caCertificates, ...(spec.caCrl && { crl: spec.caCrl }) } : undefined;
}

/** Conditions on a certificate that nobody asks for. */
function warnOfConditions(spec: Spec, place: Place): void {
  const conditions = ['subjectAltNames', 'verifyCertificateHash', 'verifyCertificateSpki'] as const;
  for (const field of spec.mode === 'MUTUAL' || spec.mode === 'OPTIONAL_MUTUAL' ? [] : conditions.filter((name) => spec[name]?.length)) {
    place.at(field).problem(`has no effect with mode ${spec.mode}: clients are asked for a certificate with MUTUAL and OPTIONAL_MUTUAL only`, 'warning');
  }
}
