import type { CertificateValidationContext, CommonTlsContext, DownstreamTlsContext, TlsParameters } from '../../envoy';
import { SubjectAltNameMatcher_SanType as SanType, bool, struct } from '../../envoy';
import type { Attachments } from '../../model/attachment';
import type { MeshSettings } from '../../model/mesh';
import type { PeerMode, PeerSettings } from '../../model/peer';
import { PERMISSIVE_PEERS } from '../../model/peer';
import type { AppliedPolicies, WorkloadPolicy } from '../../model/workload-policy';
import type { Emitter } from '../emitter';
import { workloadSecret } from '../secret-config';
import { emitTlsLimits } from '../tls-limits';
import { emitApplicationProtocols, emitPeerCluster, TAKES_MUTUAL_TLS } from './emit-client';
import type { MeshPeers } from './model';
import { clientPeer, isOther, meshPeers, peerPolicy, serverPeer } from './model';

export const mutualTlsEmitter: Emitter = {
  cluster: emitPeerCluster,
  httpFilters: ({ side }) => (side === 'inbound' ? [] : [emitApplicationProtocols()]),
  peerEndpoint: () => ({ filterMetadata: { 'envoy.transport_socket_match': struct(TAKES_MUTUAL_TLS) } }),
  peers: mergePolicies,
  asksPeer(settings) {
    const asked = settings.get(clientPeer);
    return asked && (isOther(asked) ? { mode: asked.mode, mutual: false } : { mode: 'ISTIO_MUTUAL', mutual: true });
  },
  peerTls: (settings) => ({
    commonTlsContext: emitCommon(emitMembers(settings), emitLimits(settings.features.get(meshPeers))),
    requireClientCertificate: bool(true),
  }),
  serverTls(settings, carries) {
    const value = settings.get(serverPeer);
    return value && carries !== 'http3' ? { context: emitServer(value.subjectAltNames), secrets: [] } : undefined;
  },
};

/** At gateways Istio leaves versions and ciphers to Envoy with this mode. */
function emitServer(names: readonly string[]): DownstreamTlsContext {
  const matchTypedSubjectAltNames = names.flatMap((exact) => [SanType.URI, SanType.DNS].map((sanType) => ({ sanType, matcher: { exact } })));
  return {
    commonTlsContext: emitCommon(names.length > 0 ? { matchTypedSubjectAltNames } : {}),
    requireClientCertificate: bool(true),
  };
}

function emitCommon(clients: CertificateValidationContext, tlsParams?: TlsParameters): CommonTlsContext {
  return {
    tlsCertificateSdsSecretConfigs: [workloadSecret('default')],
    combinedValidationContext: { defaultValidationContext: clients, validationContextSdsSecretConfig: workloadSecret('ROOTCA') },
    // Not `istio`: clients offer that so that the filter chain is found, and what is agreed upon must be what is spoken.
    alpnProtocols: ['h2', 'http/1.1'],
    ...(tlsParams && { tlsParams }),
  };
}

/** The authority may vouch for other meshes too: only names of this one count. */
function emitMembers({ trustDomain, trustDomainAliases }: MeshSettings): CertificateValidationContext {
  const domains = [...new Set([trustDomain, ...trustDomainAliases])];
  return { matchTypedSubjectAltNames: domains.map((domain) => ({ sanType: SanType.URI, matcher: { prefix: `spiffe://${domain}/` } })) };
}

/** Istio's choice, strongest first (pilot/pkg/security/authn/utils). */
const CIPHER_SUITES = [
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

function emitLimits({ minVersion, cipherSuites = CIPHER_SUITES, ecdhCurves }: Partial<MeshPeers> = {}): TlsParameters {
  return emitTlsLimits({ minVersion, cipherSuites, ecdhCurves });
}

/**
 * The mode of the narrowest policy that has one: of the workload, of its namespace, of the mesh; of several of one width the oldest counts. A
 * port that is named without a mode has that of its workload (pilot/pkg/security/authn, ComposePeerAuthentication).
 */
function mergePolicies(policies: AppliedPolicies, rootNamespace: string): PeerSettings | undefined {
  const all = policies.filter((one) => one.kind === 'PeerAuthentication');
  if (all.length === 0) {
    return undefined;
  }
  const oldest = (fits: (policy: WorkloadPolicy, selects: boolean, root: boolean) => boolean) =>
    all.find((one) => fits(one, Object.keys(one.selector ?? {}).length > 0, one.namespace === rootNamespace))?.features;
  const mesh = oldest((_, selects, root) => root && !selects);
  const namespace = oldest((_, selects, root) => !root && !selects);
  const workload = oldest((_, selects, root) => !root && selects);
  const mode = modeOf(workload) ?? modeOf(namespace) ?? modeOf(mesh) ?? PERMISSIVE_PEERS.mode;
  const ports = [...workload?.get(peerPolicy)?.ports ?? []].map(([port, own]): [number, PeerMode] => [port, own ?? mode]);
  return { mode, ports: new Map(ports) };
}

function modeOf(features: Attachments | undefined): PeerMode | undefined {
  return features?.get(peerPolicy)?.mode;
}
