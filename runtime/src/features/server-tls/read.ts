import type { GatewaySpecServersTls as Spec } from '../../../../imports/istio/gateway.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import type { CertificateSource, ServerTlsSettings } from './model';
import { serverTls } from './model';

/** What BoringSSL knows below TLS 1.3. */
const CIPHER_SUITES: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA', 'AES256-GCM-SHA384', 'AES128-GCM-SHA256', 'AES256-SHA', 'AES128-SHA',
]);

export const serverTlsReader: Reader = {
  serverTls(spec, place) {
    if (spec.mode === 'ISTIO_MUTUAL') {
      place.at('mode').problem('ISTIO_MUTUAL needs certificates of workloads, which are not issued yet: the server is left out; SIMPLE and MUTUAL take a Secret');
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
      cipherSuites: (spec.cipherSuites ?? []).filter((name, i) => isCipherSuite(name, place.at('cipherSuites').at(i))),
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

function isCipherSuite(name: string, place: Place): boolean {
  if (!CIPHER_SUITES.has(name)) {
    place.problem(`'${name}' is no cipher suite that Envoy knows: use ${[...CIPHER_SUITES].slice(0, 4).join(', ')} …; it is left out`);
  }
  return CIPHER_SUITES.has(name);
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
