import { HARMLESS_DEFAULT_CONFIG, UNSUPPORTED_DEFAULT_CONFIG } from './unsupported-proxy-config';

/** What of MeshConfig is not handled, as in `unsupported.ts`. Its fields stand under `spec` there, and in the text of a ConfigMap in the world. */
export const UNSUPPORTED_MESH_CONFIG: Readonly<Record<string, string>> = {
  'spec.proxyListenPort': 'capture always redirects to 15001',
  'spec.proxyInboundListenPort': 'capture always redirects to 15006',
  'spec.proxyHttpPort': 'applications need no proxy settings here: their traffic is captured',
  'spec.hboneIdleTimeout': 'HBONE belongs to ambient mode',
  'spec.serviceScopeConfigs': 'it is for several clusters in ambient mode',
  'spec.serviceSettings': 'there is one cluster, so every service is local to it',
  'spec.configSources': 'configuration comes from files or from the Kubernetes API, as the command says',
  'spec.enableTracing': 'telemetry is not configurable yet',
  'spec.enableEnvoyAccessLogService': 'telemetry is not configurable yet',
  'spec.inboundClusterStatName': 'statistics keep the names that Istio gives by default: what they are called belongs to telemetry, which is not configurable yet',
  'spec.outboundClusterStatName': 'statistics keep the names that Istio gives by default: what they are called belongs to telemetry, which is not configurable yet',
  'spec.enablePrometheusMerge': 'metrics of applications are not merged yet',
  'spec.extensionProviders': 'telemetry and external authorization are not configurable yet',
  'spec.defaultProviders': 'telemetry is not configurable yet',
  'spec.enableAutoMtls': 'certificates of workloads are not issued yet: traffic in the mesh is still plain text',
  'spec.caCertificates': 'certificates of workloads are not issued yet',
  'spec.certificates': 'Istio does not implement it any more either',
  'spec.ca': 'certificates of workloads are not issued yet',
  'spec.meshMTLS': 'certificates of workloads are not issued yet',
  'spec.tlsDefaults': 'the ciphers and versions of TLS are Envoy\'s own where a Gateway does not say otherwise',
  'spec.serviceEntryVisibility.defaultVisibility': 'sidecars look at exportTo, in Istio too unless applyToSidecars is set',
  'spec.serviceEntryVisibility.policies': 'sidecars look at exportTo, in Istio too unless applyToSidecars is set',
  'spec.serviceEntryVisibility.applyToSidecars': 'it moves rules of ambient mode to sidecars: write exportTo into the ServiceEntries, or defaultServiceExportTo',
  'spec.discoverySelectors': 'what a control plane must not see, do not give it: files are chosen by whoever starts it, and its role in a cluster says which namespaces it may read',
  ...UNSUPPORTED_DEFAULT_CONFIG,
  'spec.verifyCertificateAtClient': 'servers are verified by the authorities that the proxy\'s system trusts, as is Istio\'s default today',
};

/** Values that deserve no Problem. */
export const HARMLESS_MESH_CONFIG: Readonly<Record<string, readonly unknown[] | true>> = {
  'spec.proxyListenPort': [15001],
  'spec.proxyInboundListenPort': [15006],
  'spec.enableTracing': [false],
  'spec.serviceEntryVisibility.defaultVisibility': true,
  'spec.serviceEntryVisibility.policies': true,
  'spec.serviceEntryVisibility.applyToSidecars': [false],
  'spec.enableEnvoyAccessLogService': [false],
  'spec.enablePrometheusMerge': true,
  // Nothing happens before somebody names a provider, and who does is told.
  'spec.extensionProviders': true,
  'spec.defaultProviders': true,
  'spec.enableAutoMtls': true,
  ...HARMLESS_DEFAULT_CONFIG,
};
