const TELEMETRY = 'telemetry is not configurable yet';
const FILES = 'the agent has its files where the image says';
const UNWIRED = 'Istio checks it, but does not configure anything by it yet';
const BOOTSTRAP = 'the bootstrap is the agent\'s own';

/** What of ProxyConfig, as it stands in MeshConfig's `defaultConfig`, is not handled, by the field's path inside it. */
const UNSUPPORTED_PROXY_CONFIG: Readonly<Record<string, string>> = {
  configPath: FILES,
  binaryPath: FILES,
  customConfigFile: BOOTSTRAP,
  proxyBootstrapTemplatePath: BOOTSTRAP,
  runtimeValues: BOOTSTRAP,
  serviceCluster: 'Istio names it after the workload too',
  tracingServiceName: TELEMETRY,
  zipkinAddress: TELEMETRY,
  statsdUdpAddress: TELEMETRY,
  envoyMetricsServiceAddress: TELEMETRY,
  envoyMetricsService: TELEMETRY,
  envoyAccessLogService: TELEMETRY,
  tracing: TELEMETRY,
  extraStatTags: TELEMETRY,
  statNameLength: 'names of statistics are as long as they are',
  statsCompression: 'statistics are served as they are asked for',
  fileFlushInterval: TELEMETRY,
  fileFlushMinSizeKb: TELEMETRY,
  discoveryRefreshDelay: 'Istio does not implement it any more either: changes are pushed',
  availabilityZone: 'Istio does not implement it any more either: the label istio-locality of the pod says where it is',
  controlPlaneAuthPolicy: 'Istio does not look at it any more either: the port of discoveryAddress decides, 15012 with mutual TLS or 15010 without',
  sds: 'Istio does not implement it any more either',
  meshId: 'there is one mesh',
  privateKeyProvider: 'it needs extensions that are not in Envoy\'s release',
  image: 'the runtime has one image, of which there are no variants',
  proxyAdminPort: 'it is 15000, as tools expect',
  statusPort: 'the agent\'s port is 15020, and 15021 tells whether the proxy is ready, as tools and probes expect',
  interceptionMode: 'the annotation sidecar.istio.io/interceptionMode of the pod decides',
  readinessProbe: 'it is for machines outside of Kubernetes: give it to their WorkloadGroup, from which `mesh machine` takes it',
  // What a proxy is started with in Kubernetes is in its PROXY_CONFIG, which the library and the injector write.
  discoveryAddress: 'the proxy is told when it is injected: `MeshRuntime` of the library, or `PROXY_CONFIG` of the container',
  drainDuration: 'write it into the annotation proxy.istio.io/config of the pod: it is read when the proxy starts, before the mesh is known',
  terminationDrainDuration: 'write it into the annotation proxy.istio.io/config of the pod: it is read when the proxy starts, before the mesh is known',
  'proxyHeaders.metadataExchangeHeaders': 'the headers of Istio\'s metadata exchange are never sent',
  'connectionSettings.clusterPerConnectionBufferLimitBytes': UNWIRED,
  'connectionSettings.listenerConnectionLimit': UNWIRED,
  'connectionSettings.globalDownstreamConnectionLimit': UNWIRED,
  proxyStatsMatcher: 'nothing is kept back: all statistics are there',
  holdApplicationUntilProxyStarts: 'the proxy is a native sidecar: applications always wait for it',
};

export const UNSUPPORTED_DEFAULT_CONFIG = Object.fromEntries(
  Object.entries(UNSUPPORTED_PROXY_CONFIG).map(([path, reason]): [string, string] => [`spec.defaultConfig.${path}`, reason]),
);

/** Those that the annotation of a pod, other than MeshConfig, does decide. */
const BY_ANNOTATION: ReadonlySet<string> = new Set(['discoveryAddress', 'drainDuration', 'terminationDrainDuration', 'holdApplicationUntilProxyStarts']);

/** The same where the annotation `proxy.istio.io/config` of a pod sets them. */
export const UNSUPPORTED_ANNOTATION = Object.fromEntries(
  Object.entries(UNSUPPORTED_PROXY_CONFIG).filter(([path]) => !BY_ANNOTATION.has(path)).map(([path, reason]): [string, string] => [`spec.${path}`, reason]),
);

/** What is so anyway, or matters to others. */
export const HARMLESS_DEFAULT_CONFIG: Readonly<Record<string, true>> = {
  'spec.defaultConfig.proxyStatsMatcher': true,
  'spec.defaultConfig.holdApplicationUntilProxyStarts': true,
  'spec.defaultConfig.proxyHeaders.metadataExchangeHeaders': true,
  'spec.defaultConfig.discoveryAddress': true,
  'spec.defaultConfig.tracing': true,
  'spec.defaultConfig.meshId': true,
};

export const HARMLESS_ANNOTATION: Readonly<Record<string, true>> = Object.fromEntries(
  Object.keys(HARMLESS_DEFAULT_CONFIG).map((path): [string, true] => [path.replace('.defaultConfig', ''), true]),
);
