import type { DestinationRuleSpecTrafficPolicyTls as Spec } from '../../../../imports/istio/destination-rule.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import { readSni } from '../sni';
import type { ClientTls } from './model';
import { clientTls } from './model';

export const clientTlsReader: Reader = {
  policy(spec, place) {
    if (!spec.tls) {
      return [];
    }
    const at = place.at('tls');
    const simple = spec.tls.mode === 'SIMPLE' || spec.tls.mode === 'MUTUAL';
    return [attach(clientTls, simple ? readTls(ownSecret(spec.tls, at), at) : 'plain')];
  },
};

/** Full names are for the Gateway API, where a ReferenceGrant opens a namespace; in a DestinationRule such a name is that of no Secret. */
function ownSecret(spec: Spec, place: Place): Spec {
  if (place.resource.kind !== 'DestinationRule' || !spec.credentialName?.includes('://')) {
    return spec;
  }
  place.at('credentialName').problem(`'${spec.credentialName}' may lead to another namespace, whose Secrets are nobody else's: name one in that of the proxy`);
  return { ...spec, credentialName: spec.credentialName.replaceAll('/', '.') };
}

function readTls(spec: Spec, place: Place): ClientTls {
  return {
    sni: readSni(spec.sni, place.at('sni')),
    subjectAltNames: spec.subjectAltNames ?? [],
    trust: readTrust(spec),
    crl: spec.credentialName ? undefined : spec.caCrl || undefined,
    certificate: spec.mode === 'MUTUAL' ? readCertificate(spec, place) : undefined,
  };
}

function readTrust(spec: Spec): ClientTls['trust'] {
  if (spec.insecureSkipVerify) {
    return 'anything';
  }
  if (spec.credentialName) {
    return { secret: spec.credentialName };
  }
  return spec.caCertificates && spec.caCertificates !== 'system' ? { file: spec.caCertificates } : 'system';
}

function readCertificate(spec: Spec, place: Place): ClientTls['certificate'] {
  if (spec.credentialName) {
    return { secret: spec.credentialName };
  }
  if (spec.clientCertificate && spec.privateKey) {
    return { chain: spec.clientCertificate, key: spec.privateKey };
  }
  place.problem('mode MUTUAL needs clientCertificate and privateKey, or credentialName');
  return undefined;
}
