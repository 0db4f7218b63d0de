import type { DestinationRuleSpecTrafficPolicyTls } from '../../../../imports/istio/destination-rule.types';
import type { PeerAuthenticationSpec } from '../../../../imports/istio/peer-authentication.types';
import { attach } from '../../model/attachment';
import type { PeerMode } from '../../model/peer';
import type { Place } from '../../model/place';
import type { Reader } from '../reader';
import { readSni } from '../sni';
import { readCipherSuites, readCurves } from '../tls-parameters';
import type { ClientPeer } from './model';
import { clientPeer, meshPeers, peerPolicy, serverPeer } from './model';

export const mutualTlsReader: Reader = {
  policy(spec, place) {
    return spec.tls ? [attach(clientPeer, spec.tls.mode === 'ISTIO_MUTUAL' ? readClient(spec.tls, place.at('tls')) : { mode: spec.tls.mode ?? 'DISABLE' })] : [];
  },
  serverTls(spec, place) {
    if (spec.mode !== 'ISTIO_MUTUAL') {
      return [];
    }
    warnOf(spec, SERVER_FIELDS, place);
    return [attach(serverPeer, { subjectAltNames: spec.subjectAltNames ?? [] })];
  },
  mesh({ enableAutoMtls = true, meshMTLS = {} }, place) {
    const at = place.at('meshMTLS');
    const cipherSuites = readCipherSuites(meshMTLS.cipherSuites, at.at('cipherSuites'));
    const ecdhCurves = readCurves(meshMTLS.ecdhCurves, at.at('ecdhCurves'));
    const minVersion = meshMTLS.minProtocolVersion === 'TLSV1_3' ? 'TLSV1_3' : 'TLSV1_2';
    return [attach(meshPeers, { auto: enableAutoMtls, minVersion, cipherSuites, ecdhCurves })];
  },
  policies: {
    PeerAuthentication: (spec) => [attach(peerPolicy, { mode: asked(spec.mtls?.mode), ports: readPorts(spec) })],
  },
};

/** Fields that say which certificates to use: with this mode they are always those of the mesh. */
const CLIENT_FIELDS = ['clientCertificate', 'privateKey', 'caCertificates', 'caCrl', 'credentialName', 'insecureSkipVerify'] as const;
const SERVER_FIELDS = [
  'serverCertificate', 'privateKey', 'caCertificates', 'credentialName', 'credentialNames', 'caCertCredentialName', 'tlsCertificates', 'insecureSkipVerify',
  'minProtocolVersion', 'maxProtocolVersion', 'cipherSuites', 'verifyCertificateHash', 'verifyCertificateSpki', 'caCrl',
] as const;

function readClient(spec: DestinationRuleSpecTrafficPolicyTls, place: Place): ClientPeer {
  warnOf(spec, CLIENT_FIELDS, place);
  const sni = readSni(spec.sni, place.at('sni'));
  return { ...(sni && { sni }), ...(spec.subjectAltNames?.length && { subjectAltNames: spec.subjectAltNames }) };
}

function warnOf<T extends object>(spec: T, fields: readonly (keyof T & string)[], place: Place): void {
  for (const field of fields.filter((one) => spec[one] !== undefined && spec[one] !== false)) {
    place.at(field).problem('has no effect with mode ISTIO_MUTUAL: certificates, and how they are looked at, are those of the mesh', 'warning');
  }
}

/** The schema has seen to it that they are port numbers, and that a selector says whose. */
function readPorts({ portLevelMtls = {} }: PeerAuthenticationSpec): ReadonlyMap<number, PeerMode | undefined> {
  return new Map(Object.entries(portLevelMtls).map(([port, { mode }]) => [Number(port), asked(mode)]));
}

function asked(mode: PeerMode | 'UNSET' | undefined): PeerMode | undefined {
  return mode === 'UNSET' ? undefined : mode;
}
