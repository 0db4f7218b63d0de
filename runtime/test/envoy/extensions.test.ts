import {
  any, bool, Cluster_DiscoveryType, Cluster_LbPolicy, double, duration, int64, struct, toJson, uint32, uint64,
  type AccessLog, type Any, type Bootstrap, type Cluster, type Listener,
} from '../../src/envoy';
import { validate } from './envoy-validate';

jest.setTimeout(60_000);

/** Extensions that the runtime emits or lets users patch in, one of each: Envoy has the last word on whether the types are right. */
const half = { defaultValue: { numerator: 50 } };
const grpcService = { envoyGrpc: { clusterName: 'a' }, timeout: duration(250) };
const principal = { authenticated: { principalName: { exact: 'spiffe://cluster.local/ns/default/sa/a' } } };
const policies = { reviewers: { permissions: [{ urlPath: { path: { prefix: '/reviews' } } }], principals: [principal] } };

const httpFilters: readonly [string, Any][] = [
  ['envoy.filters.http.cors', any('Cors', {})],
  ['envoy.filters.http.fault', any('HTTPFault', { delay: { fixedDelay: duration(2000), percentage: { numerator: 10 } }, abort: { httpStatus: 503, percentage: { numerator: 1 } } })],
  ['envoy.filters.http.jwt_authn', any('JwtAuthentication', {
    providers: {
      google: {
        issuer: 'https://accounts.example.com',
        remoteJwks: { httpUri: { uri: 'https://accounts.example.com/jwks', cluster: 'a', timeout: duration(5000) }, cacheDuration: duration(300_000) },
        payloadInMetadata: 'payload',
      },
    },
    rules: [{ match: { prefix: '/' }, requires: { requiresAny: { requirements: [{ providerName: 'google' }, { allowMissing: {} }] } } }],
  })],
  ['envoy.filters.http.rbac', any('HttpRBAC', { rules: { policies }, shadowRules: { policies }, shadowRulesStatPrefix: 'dry_run_' })],
  ['envoy.filters.http.ext_authz', any('HttpExtAuthz', { grpcService, failureModeAllow: false, transportApiVersion: 2 })],
  ['envoy.filters.http.local_ratelimit', any('HttpLocalRateLimit', {
    statPrefix: 'limit', tokenBucket: { maxTokens: 10, tokensPerFill: uint32(10), fillInterval: duration(60_000) }, filterEnabled: half, filterEnforced: half,
  })],
  ['envoy.filters.http.ratelimit', any('HttpRateLimit', { domain: 'd', rateLimitService: { grpcService, transportApiVersion: 2 } })],
  ['envoy.filters.http.lua', any('HttpLua', { defaultSourceCode: { inlineString: 'function envoy_on_request(handle) end' } })],
  ['envoy.filters.http.grpc_web', any('GrpcWeb', {})],
  ['envoy.filters.http.grpc_stats', any('GrpcStatsFilterConfig', { emitFilterState: true, statsForAllMethods: bool(false) })],
  ['envoy.filters.http.health_check', any('HttpHealthCheck', { passThroughMode: bool(false), headers: [{ name: ':path', stringMatch: { exact: '/healthz' } }] })],
  ['envoy.filters.http.set_filter_state', any('HttpSetFilterState', {
    onRequestHeaders: [{ objectKey: 'peer', factoryKey: 'envoy.string', formatString: { textFormatSource: { inlineString: '%DOWNSTREAM_PEER_URI_SAN%' } } }],
  })],
  ['envoy.filters.http.header_mutation', any('HttpHeaderMutation', { mutations: { requestMutations: [{ remove: 'x-forwarded-client-cert' }] } })],
  ['envoy.filters.http.compressor', any('Compressor', { compressorLibrary: { name: 'gzip', typedConfig: any('CompressorGzip', {}) } })],
  ['envoy.filters.http.buffer', any('Buffer', { maxRequestBytes: uint32(1024) })],
  ['envoy.filters.http.stateful_session', any('StatefulSession', {
    sessionState: { name: 'envoy.http.stateful_session.cookie', typedConfig: any('CookieBasedSessionState', { cookie: { name: 'session', path: '/' } }) },
  })],
  ['envoy.filters.http.dynamic_forward_proxy', any('DynamicForwardProxyFilterConfig', { dnsCacheConfig: { name: 'cache', dnsLookupFamily: 2 } })],
  ['envoy.filters.http.router', any('Router', { startChildSpan: true })],
];

const accessLogs: readonly AccessLog[] = [
  { typedConfig: any('StdoutAccessLog', { logFormat: { jsonFormat: struct({ path: '%REQ(:PATH)%' }), omitEmptyValues: true } }) },
  {
    filter: { orFilter: { filters: [{ responseFlagFilter: {} }, { statusCodeFilter: { comparison: { op: 0, value: { defaultValue: 500, runtimeKey: 'x' } } } }] } },
    typedConfig: any('FileAccessLog', { path: '/dev/null', logFormat: { textFormatSource: { inlineString: '%START_TIME% %RESPONSE_CODE%\n' } } }),
  },
  {
    filter: { extensionFilter: { name: 'cel', typedConfig: any('ExpressionFilter', { expression: 'response.code >= 400' }) } },
    typedConfig: any('HttpGrpcAccessLogConfig', { commonConfig: { logName: 'l', grpcService, transportApiVersion: 2 } }),
  },
  { typedConfig: any('OpenTelemetryAccessLogConfig', { commonConfig: { logName: 'l', grpcService, transportApiVersion: 2 }, body: { stringValue: '%PROTOCOL%' } }) },
  {
    typedConfig: any('StatsAccessLog', {
      statPrefix: 'istio',
      counters: [{ stat: { name: 'requests_total', tags: [{ name: 'response_code', valueFormat: '%RESPONSE_CODE%' }] }, valueFixed: uint64(1) }],
      histograms: [{ stat: { name: 'request_duration_milliseconds' }, valueFormat: '%DURATION%' }],
    }),
  },
];

const manager = any('HttpConnectionManager', {
  statPrefix: 'http',
  accessLog: accessLogs.map((log, index) => ({ name: `log${index}`, ...log })),
  httpFilters: httpFilters.map(([name, typedConfig]) => ({ name, typedConfig })),
  httpProtocolOptions: { headerKeyFormat: { statefulFormatter: { name: 'preserve_case', typedConfig: any('PreserveCaseFormatterConfig', {}) } } },
  requestIdExtension: { typedConfig: any('UuidRequestIdConfig', { useRequestIdForTraceSampling: bool(true) }) },
  tracing: {
    randomSampling: { value: 1 },
    provider: { name: 'envoy.tracers.zipkin', typedConfig: any('ZipkinConfig', { collectorCluster: 'a', collectorEndpoint: '/api/v2/spans', collectorEndpointVersion: 1 }) },
    customTags: [{ tag: 'mesh', literal: { value: 'm' } }],
  },
  routeConfig: {
    name: 'r',
    validateClusters: bool(false),
    virtualHosts: [{
      name: 'v',
      domains: ['*'],
      routes: [{
        match: { safeRegex: { regex: '/v[0-9]+/.*' }, headers: [{ name: 'end-user', stringMatch: { exact: 'jason' } }], queryParameters: [{ name: 'q', presentMatch: true }] },
        route: {
          weightedClusters: { clusters: [{ name: 'a', weight: uint32(90) }, { name: 'b', weight: uint32(10) }] },
          timeout: duration(0),
          retryPolicy: {
            retryOn: 'connect-failure,refused-stream',
            numRetries: uint32(2),
            retryHostPredicate: [{ name: 'envoy.retry_host_predicates.previous_hosts', typedConfig: any('PreviousHostsPredicate', {}) }],
            hostSelectionRetryMaxAttempts: 5,
          },
          requestMirrorPolicies: [{ cluster: 'b', runtimeFraction: half, disableShadowHostSuffixAppend: true }],
          hashPolicy: [{ cookie: { name: 'c', ttl: duration(0) } }],
        },
        typedPerFilterConfig: { 'envoy.filters.http.cors': any('HttpCorsPolicy', { allowOriginStringMatch: [{ exact: '*' }], maxAge: '86400' }) },
        metadata: { filterMetadata: { istio: struct({ config: '/apis/networking.istio.io/v1/namespaces/default/virtual-service/a' }) } },
      }],
    }],
  },
});

const networkFilters: readonly [string, Any][] = [
  ['envoy.filters.network.connection_limit', any('ConnectionLimit', { statPrefix: 'c', maxConnections: uint64(10) })],
  ['envoy.filters.network.rbac', any('NetworkRBAC', { statPrefix: 'r', rules: { policies: { all: { permissions: [{ any: true }], principals: [{ any: true }] } } } })],
  ['envoy.filters.network.ext_authz', any('NetworkExtAuthz', { statPrefix: 'e', grpcService, transportApiVersion: 2 })],
  ['envoy.filters.network.local_ratelimit', any('NetworkLocalRateLimit', { statPrefix: 'l', tokenBucket: { maxTokens: 1, fillInterval: duration(1000) } })],
  ['envoy.filters.network.set_filter_state', any('NetworkSetFilterState', {
    onNewConnection: [{ objectKey: 'k', factoryKey: 'envoy.string', formatString: { textFormatSource: { inlineString: '%DOWNSTREAM_REMOTE_ADDRESS%' } } }],
  })],
  ['envoy.filters.network.mongo_proxy', any('MongoProxy', { statPrefix: 'm', emitDynamicMetadata: true })],
  ['envoy.filters.network.sni_cluster', any('SniCluster', {})],
  ['envoy.filters.network.tcp_proxy', any('TcpProxy', { statPrefix: 't', cluster: 'a', idleTimeout: duration(3_600_000), maxConnectAttempts: uint32(3) })],
];

const listenerFilters: readonly [string, Any][] = [
  ['envoy.filters.listener.original_dst', any('OriginalDst', {})],
  ['envoy.filters.listener.proxy_protocol', any('ProxyProtocol', { allowRequestsWithoutProxyProtocol: true })],
  ['envoy.filters.listener.tls_inspector', any('TlsInspector', {})],
  ['envoy.filters.listener.http_inspector', any('HttpInspector', {})],
];

const listener: Listener = {
  name: 'virtualOutbound',
  address: { socketAddress: { address: '127.0.0.1', portValue: 15001 } },
  useOriginalDst: bool(true),
  bindToPort: bool(false),
  listenerFilters: listenerFilters.map(([name, typedConfig]) => ({ name, typedConfig })),
  filterChains: [
    {
      name: 'http',
      filterChainMatch: { applicationProtocols: ['http/1.1', 'h2c'], prefixRanges: [{ addressPrefix: '10.0.0.0', prefixLen: uint32(8) }] },
      filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }],
    },
    {
      name: 'redis',
      filterChainMatch: { destinationPort: uint32(6379) },
      filters: [{
        name: 'envoy.filters.network.redis_proxy',
        typedConfig: any('RedisProxy', { statPrefix: 'redis', settings: { opTimeout: duration(5000) }, prefixRoutes: { catchAllRoute: { cluster: 'a' } } }),
      }],
    },
  ],
  defaultFilterChain: { filters: networkFilters.map(([name, typedConfig]) => ({ name, typedConfig })) },
};

const balancers: readonly Any[] = [
  any('LeastRequest', { choiceCount: uint32(2), slowStartConfig: { slowStartWindow: duration(60_000) } }),
  any('RoundRobin', {}), any('Random', {}), any('RingHash', { minimumRingSize: uint64(1024) }), any('Maglev', { tableSize: uint64(65537) }),
  any('ClientSideWeightedRoundRobin', {}),
  any('WrrLocality', { endpointPickingPolicy: { policies: [{ typedExtensionConfig: { name: 'weighted', typedConfig: any('ClientSideWeightedRoundRobin', {}) } }] } }),
];

const mark = { socketOptions: [{ level: int64(1).value, name: 36, intValue: 1337, state: 0 as const }] };
const clusters: readonly Cluster[] = [
  {
    name: 'a',
    type: Cluster_DiscoveryType.STATIC,
    lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
    upstreamBindConfig: mark,
    circuitBreakers: { thresholds: [{ maxConnections: uint32(100), maxRetries: uint32(4294967295), trackRemaining: true }] },
    outlierDetection: { consecutive5xx: uint32(5), baseEjectionTime: duration(30_000) },
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: uint32(300) } },
    healthChecks: [{ timeout: duration(1000), interval: duration(5000), unhealthyThreshold: uint32(1), healthyThreshold: uint32(1), httpHealthCheck: { path: '/' } }],
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('ClusterHttpProtocolOptions', { useDownstreamProtocolConfig: { http2ProtocolOptions: {} } }),
    },
    transportSocketMatches: [
      { name: 'tls', match: struct({ tlsMode: 'istio' }), transportSocket: { name: 'envoy.transport_sockets.tls', typedConfig: any('UpstreamTlsContext', { sni: 'a', commonTlsContext: { alpnProtocols: ['istio'] } }) } },
      { name: 'plain', match: struct({}), transportSocket: { name: 'envoy.transport_sockets.raw_buffer', typedConfig: any('RawBuffer', {}) } },
    ],
    loadAssignment: {
      clusterName: 'a',
      endpoints: [{
        locality: { region: 'r', zone: 'z' },
        loadBalancingWeight: uint32(1),
        lbEndpoints: [{ endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue: 1 } } }, metadata: { filterMetadata: { 'envoy.transport_socket_match': struct({ tlsMode: 'istio' }) } } }],
      }],
    },
  },
  { name: 'PassthroughCluster', type: Cluster_DiscoveryType.ORIGINAL_DST, lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED },
  {
    name: 'dynamic',
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    clusterType: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig: any('DynamicForwardProxyClusterConfig', { dnsCacheConfig: { name: 'cache', dnsLookupFamily: 2 } }) },
  },
  {
    name: 'aggregate',
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    clusterType: { name: 'envoy.clusters.aggregate', typedConfig: any('AggregateClusterConfig', { clusters: ['a', 'dns'] }) },
  },
  {
    name: 'dns',
    type: Cluster_DiscoveryType.STRICT_DNS,
    respectDnsTtl: true,
    typedDnsResolverConfig: { name: 'envoy.network.dns_resolver.cares', typedConfig: any('CaresDnsResolverConfig', { useResolversAsFallback: true }) },
    loadAssignment: { clusterName: 'dns', endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress: { address: 'localhost', portValue: 1 } } } }] }] },
  },
  ...balancers.map((typedConfig, index): Cluster => ({
    name: `balanced-${index}`, loadBalancingPolicy: { policies: [{ typedExtensionConfig: { name: `lb${index}`, typedConfig } }] },
  })),
];

const bootstrap: Bootstrap = {
  node: { id: 'n', cluster: 'c', metadata: struct({ LABELS: { app: 'a' } }) },
  staticResources: { clusters, listeners: [listener] },
  statsSinks: [{ name: 'envoy.stat_sinks.statsd', typedConfig: any('StatsdSink', { address: { socketAddress: { address: '127.0.0.1', portValue: 8125, protocol: 1 } } }) }],
  overloadManager: { resourceMonitors: [{ name: 'envoy.resource_monitors.fixed_heap', typedConfig: any('FixedHeapConfig', { maxHeapSizeBytes: 1e9 }) }] },
  layeredRuntime: { layers: [{ name: 'static', staticLayer: struct({ 're2.max_program_size.error_level': 32768 }) }] },
  statsConfig: { statsTags: [{ tagName: 'cluster_name', regex: '^cluster\\.((.+?)\\.)' }], histogramBucketSettings: [{ match: { prefix: 'istio' }, buckets: [double(0.5).value!, 1, 5] }] },
};

test('Envoy accepts what we write, extension by extension', async () => {
  expect(await validate(toJson('Bootstrap', bootstrap))).toBe('');
});
