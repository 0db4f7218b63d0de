// A sidecar without a control plane: every captured connection goes to its original destination, as HTTP, with a header that says which.

const ENVOY = 'type.googleapis.com/envoy';

export function sidecarListeners(): object[] {
  return [
    listener('virtualOutbound', 15001, http('outbound', 'x-outbound'), true),
    listener('virtualInbound', 15006, http('inbound', 'x-inbound'), false),
  ];
}

export function sidecarClusters(): object[] {
  const originalDestination = { type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED', connectTimeout: '5s' };
  return [
    { name: 'outbound', ...originalDestination },
    { name: 'inbound', ...originalDestination, upstreamBindConfig: { sourceAddress: { address: '127.0.0.6', portValue: 0 } } },
  ];
}

function listener(name: string, portValue: number, filter: object, outbound: boolean): object {
  return {
    name,
    trafficDirection: outbound ? 'OUTBOUND' : 'INBOUND',
    address: { socketAddress: { address: '0.0.0.0', portValue } },
    listenerFilters: [{ name: 'original_dst', typedConfig: { '@type': `${ENVOY}.extensions.filters.listener.original_dst.v3.OriginalDst` } }],
    filterChains: [{ filters: [filter] }],
  };
}

function http(cluster: string, header: string): object {
  return {
    name: 'http',
    typedConfig: {
      '@type': `${ENVOY}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      'statPrefix': cluster,
      'accessLog': [{
        name: 'stdout',
        typedConfig: {
          '@type': `${ENVOY}.extensions.access_loggers.file.v3.FileAccessLog`,
          'path': '/dev/stdout',
          'logFormat': { textFormatSource: { inlineString: `${cluster} %REQ(:PATH)% %RESPONSE_CODE%\n` } },
        },
      }],
      'routeConfig': {
        requestHeadersToAdd: [{ header: { key: header, value: '%DOWNSTREAM_LOCAL_ADDRESS%' } }],
        virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster } }] }],
      },
      'httpFilters': [{ name: 'router', typedConfig: { '@type': `${ENVOY}.extensions.filters.http.router.v3.Router` } }],
    },
  };
}
