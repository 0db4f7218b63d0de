import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

const agent = (name: string) => ({
  name,
  sdsConfig: {
    apiConfigSource: {
      apiType: 'GRPC', transportApiVersion: 'V3', grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }], setNodeOnFirstMessageOnly: true,
    },
    initialFetchTimeout: '0s',
    resourceApiVersion: 'V3',
  },
});

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';

/** What every receiver of mutual TLS has with the settings of a mesh that nobody has set up. */
const SERVER = {
  name: 'envoy.transport_sockets.tls',
  typedConfig: {
    '@type': `${TLS}.DownstreamTlsContext`,
    commonTlsContext: {
      tlsParams: {
        tlsMinimumProtocolVersion: 'TLSv1_2',
        tlsMaximumProtocolVersion: 'TLSv1_3',
        cipherSuites: [
          'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256',
          'AES256-GCM-SHA384', 'AES128-GCM-SHA256',
        ],
      },
      tlsCertificateSdsSecretConfigs: [agent('default')],
      combinedValidationContext: {
        defaultValidationContext: { matchTypedSubjectAltNames: [{ sanType: 'URI', matcher: { prefix: 'spiffe://cluster.local/' } }] },
        validationContextSdsSecretConfig: agent('ROOTCA'),
      },
      alpnProtocols: ['h2', 'http/1.1'],
    },
    requireClientCertificate: true,
  },
};

/** What every cluster of a service of the mesh has, but for the names. */
function clientMatches(names: readonly string[], sni: string, alpnProtocols: readonly string[]): unknown {
  const transportSocket = {
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': `${TLS}.UpstreamTlsContext`,
      commonTlsContext: {
        tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3' },
        tlsCertificateSdsSecretConfigs: [agent('default')],
        combinedValidationContext: {
          defaultValidationContext: names.length === 0 ? {} : { matchTypedSubjectAltNames: names.map((exact) => ({ sanType: 'URI', matcher: { exact } })) },
          validationContextSdsSecretConfig: agent('ROOTCA'),
        },
        alpnProtocols,
      },
      sni,
    },
  };
  const plain = { name: 'envoy.transport_sockets.raw_buffer', typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer' } };
  return [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transportSocket },
    { name: 'tlsMode-disabled', match: {}, transportSocket: plain },
  ];
}

const OFFERED = {
  name: 'istio.alpn',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config',
    onRequestHeaders: [{
      objectKey: 'envoy.network.application_protocols',
      formatString: { textFormatSource: { inlineString: '%METADATA(CLUSTER:istio:alpn)%' }, omitEmptyValues: true },
      sharedWithUpstream: 'ONCE',
      skipIfEmpty: true,
    }],
  },
};

/**
 * A resource with a word in the place of what mutual TLS puts into all of them, so that goldens hold what their case is about. Only what is
 * exactly as always has its word; the cases of `mutual-tls` show it whole.
 */
export function abbreviated(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(abbreviated);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return isDeepStrictEqual(value, OFFERED) ? 'istio.alpn' : Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, wordFor(field, inner) ?? abbreviated(inner)]));
}

function wordFor(field: string, value: unknown): string | undefined {
  switch (field) {
    case 'transportSocket':
      return isDeepStrictEqual(value, SERVER) ? 'mutual TLS' : undefined;
    case 'transportSocketMatches':
      return wordForMatches(value as readonly Json[]);
    case 'metadata':
      return wordForMetadata(value as { readonly filterMetadata?: Json });
    default:
      return undefined;
  }
}

/** Names and what is offered differ from cluster to cluster: they are found, and everything around them must be as always. */
function wordForMatches(matches: readonly Json[]): string | undefined {
  const text = JSON.stringify(matches);
  const names = [...text.matchAll(/"exact":"([^"]*)"/g)].map(([, name]) => name);
  const sni = /"sni":"([^"]*)"/.exec(text)?.[1] ?? '';
  const h2 = text.includes('"alpnProtocols":["istio","h2"]');
  const expected = clientMatches(names, sni, h2 ? ['istio', 'h2'] : ['istio']);
  const accounts = names.map((name) => name.replace(/^spiffe:\/\/cluster\.local\/ns\/(.*)\/sa\/(.*)$/, '$1/$2'));
  return isDeepStrictEqual(matches, expected) ? `mutual TLS with ${accounts.join(', ') || 'anybody'} as ${sni}${h2 ? ' over h2' : ''}` : undefined;
}

function wordForMetadata({ filterMetadata = {} }: { readonly filterMetadata?: Json }): string | undefined {
  if (isDeepStrictEqual(filterMetadata, { 'envoy.transport_socket_match': { tlsMode: 'istio' } })) {
    return 'takes mutual TLS';
  }
  const alpn = Object.keys(filterMetadata).join() === 'istio' ? (filterMetadata.istio as { readonly alpn?: string }).alpn : undefined;
  return alpn && `offers ${alpn}`;
}
