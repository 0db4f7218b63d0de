/** The kinds of Istio, as `group/Kind`, with the version that the runtime reads them as. */
export const ISTIO_KINDS: ReadonlyMap<string, string> = new Map([
  ['networking.istio.io/DestinationRule', 'v1'],
  ['networking.istio.io/EnvoyFilter', 'v1alpha3'],
  ['networking.istio.io/Gateway', 'v1'],
  ['networking.istio.io/ProxyConfig', 'v1beta1'],
  ['networking.istio.io/ServiceEntry', 'v1'],
  ['networking.istio.io/Sidecar', 'v1'],
  ['networking.istio.io/VirtualService', 'v1'],
  ['networking.istio.io/WorkloadEntry', 'v1'],
  ['networking.istio.io/WorkloadGroup', 'v1'],
  ['security.istio.io/AuthorizationPolicy', 'v1'],
  ['security.istio.io/PeerAuthentication', 'v1'],
  ['security.istio.io/RequestAuthentication', 'v1'],
  ['telemetry.istio.io/Telemetry', 'v1'],
  ['extensions.istio.io/TrafficExtension', 'v1alpha1'],
  ['extensions.istio.io/WasmPlugin', 'v1alpha1'],
]);

/** Versions that Istio serves or once served; their schemas are the same. */
export const SERVED_VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta1', 'v1alpha3', 'v1alpha1']);
