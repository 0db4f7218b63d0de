import type { CertificateValidationContext, HttpFilter, TransportSocket, UpstreamTlsContext } from '../../envoy';
import { FilterStateValue_SharedWithUpstream, SubjectAltNameMatcher_SanType as SanType, any, struct } from '../../envoy';
import type { Attachments } from '../../model/attachment';
import type { ClusterContext, ClusterFragment } from '../emitter';
import { workloadSecret } from '../secret-config';
import { emitTlsLimits } from '../tls-limits';
import type { ClientPeer } from './model';
import { clientPeer, isOther, meshPeers } from './model';

/** By this an endpoint says that its proxy takes mutual TLS. */
export const TAKES_MUTUAL_TLS = { tlsMode: 'istio' };

const PLAIN: TransportSocket = { name: 'envoy.transport_sockets.raw_buffer', typedConfig: any('RawBuffer', {}) };

/** Mutual TLS towards a destination: because a rule asks for it, or by itself for those of its endpoints that take it. */
export function emitPeerCluster(settings: Attachments, context: ClusterContext): ClusterFragment {
  const asked = settings.get(clientPeer);
  const { peers, opaque, direction, mesh } = context;
  if ((asked && isOther(asked)) || opaque || direction === 'inbound') {
    return {};
  }
  if (asked) {
    return { cluster: { transportSocket: emitSocket(asked, context), ...emitProtocols(context) } };
  }
  if (!peers || peers.take === 'none' || mesh.get(meshPeers)?.auto === false) {
    return {};
  }
  const socket = emitSocket({}, context);
  return {
    cluster: {
      // Where connections go wherever the caller wanted, no endpoint could say what it takes.
      ...(peers.take === 'all' ? { transportSocket: socket } : {
        transportSocketMatches: [
          { name: 'tlsMode-istio', match: struct(TAKES_MUTUAL_TLS), transportSocket: socket },
          { name: 'tlsMode-disabled', match: struct({}), transportSocket: PLAIN },
        ],
      }),
      ...emitProtocols(context),
    },
  };
}

function emitSocket({ sni, subjectAltNames }: ClientPeer, { http2, peers }: ClusterContext): TransportSocket {
  const tls: UpstreamTlsContext = {
    commonTlsContext: {
      tlsParams: emitTlsLimits(),
      tlsCertificateSdsSecretConfigs: [workloadSecret('default')],
      combinedValidationContext: {
        defaultValidationContext: emitNames(subjectAltNames ?? peers?.names ?? []),
        validationContextSdsSecretConfig: workloadSecret('ROOTCA'),
      },
      // Istio's word before them, `istio-peer-exchange`, would promise data about the peer ahead of the connection's own, which no plain Envoy sends.
      alpnProtocols: http2 ? ['istio', 'h2'] : ['istio'],
    },
    ...((sni ?? peers?.sni) && { sni: sni ?? peers?.sni }),
  };
  return { name: 'envoy.transport_sockets.tls', typedConfig: any('UpstreamTlsContext', tls) };
}

/** Secure naming: whoever answers must have one of these names. Without any, everybody of the mesh will do, as in Istio. */
function emitNames(names: readonly string[]): CertificateValidationContext {
  return names.length === 0 ? {} : {
    matchTypedSubjectAltNames: names.flatMap((exact) => typesOf(exact).map((sanType) => ({ sanType, matcher: { exact } }))),
  };
}

function typesOf(name: string): (typeof SanType)[keyof typeof SanType][] {
  return name.includes('://') ? [SanType.URI] : [SanType.DNS, SanType.URI];
}

/** Where a cluster says what TLS offers for requests, and the filter that does so. */
const METADATA = { namespace: 'istio', name: 'alpn' } as const;

/**
 * What servers tell requests from other connections by, on ports of which nobody said what they are. Not the protocol's own word: whether
 * HTTP/1.1 or HTTP/2 is spoken can depend on the caller, and the server finds it out by the first bytes.
 */
function emitProtocols({ http2 }: ClusterContext): Pick<NonNullable<ClusterFragment['cluster']>, 'metadata'> {
  const alpn = http2 ? 'istio-h2,istio' : 'istio-http/1.1,istio';
  return { metadata: { filterMetadata: { [METADATA.namespace]: struct({ [METADATA.name]: alpn }) } } };
}

/**
 * In the place of Istio's own filter `istio.alpn`, which no plain Envoy has: requests to clusters that say so open TLS with the words for
 * requests; https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/well_known_filter_state
 */
export function emitApplicationProtocols(): HttpFilter {
  return {
    name: 'istio.alpn',
    typedConfig: any('HttpSetFilterState', {
      onRequestHeaders: [{
        objectKey: 'envoy.network.application_protocols',
        formatString: { textFormatSource: { inlineString: `%METADATA(CLUSTER:${METADATA.namespace}:${METADATA.name})%` }, omitEmptyValues: true },
        sharedWithUpstream: FilterStateValue_SharedWithUpstream.ONCE,
        skipIfEmpty: true,
      }],
    }),
  };
}

