/** Where an annotation of Istio is looked at; `Any`: wherever. */
export type AnnotatedKind = 'Any' | 'AuthorizationPolicy' | 'Gateway' | 'GatewayClass' | 'Ingress' | 'Namespace' | 'Pod' | 'Service' | 'ServiceEntry' | 'WorkloadEntry';

const POD: readonly AnnotatedKind[] = ['Pod'];
const SERVICE: readonly AnnotatedKind[] = ['Service'];
const GATEWAY: readonly AnnotatedKind[] = ['Gateway'];
const MACHINE: readonly AnnotatedKind[] = ['WorkloadEntry'];
const ANY: readonly AnnotatedKind[] = ['Any'];

const inDomain = (domain: string, kinds: readonly AnnotatedKind[], names: string): [string, readonly AnnotatedKind[]][] =>
  names.split(' ').map((name) => [`${domain}/${name}`, kinds]);

/**
 * The annotations of Istio 1.31, and the kinds on which it looks at them.
 * @see https://istio.io/latest/docs/reference/config/annotations/ and annotation/annotations.yaml of istio.io/api, which has the hidden ones too
 */
export const KNOWN_ANNOTATIONS: ReadonlyMap<string, readonly AnnotatedKind[]> = new Map([
  ...inDomain('sidecar.istio.io', POD, 'inject status rewriteAppHTTPProbers discoveryAddress proxyImage proxyImageType proxyCPU proxyCPULimit proxyMemory proxyMemoryLimit '
    + 'interceptionMode bootstrapOverride statsInclusionPrefixes statsInclusionSuffixes statsInclusionRegexps statsHistogramBuckets statsFlushInterval statsEvictionInterval '
    + 'statsHistogramBins statsCompression extraStatTags userVolume userVolumeMount logLevel componentLogLevel agentLogLevel nativeSidecar'),
  ...inDomain('traffic.sidecar.istio.io', POD, 'includeOutboundIPRanges excludeOutboundIPRanges includeInboundPorts excludeInboundPorts excludeInterfaces includeOutboundPorts '
    + 'excludeOutboundPorts kubevirtInterfaces'),
  ...inDomain('readiness.status.sidecar.istio.io', POD, 'initialDelaySeconds periodSeconds failureThreshold applicationPorts'),
  ...inDomain('status.sidecar.istio.io', POD, 'port'),
  ...inDomain('proxy.istio.io', POD, 'config overrides'),
  ...inDomain('inject.istio.io', POD, 'templates'),
  ...inDomain('prometheus.istio.io', POD, 'merge-metrics'),
  ...inDomain('ambient.istio.io', POD, 'redirection bypass-inbound-capture dns-capture'),
  ...inDomain('ambient.istio.io', ['GatewayClass', 'Gateway'], 'waypoint-inbound-binding'),
  ...inDomain('networking.istio.io', SERVICE, 'exportTo'),
  ...inDomain('networking.istio.io', GATEWAY, 'service-type'),
  ...inDomain('networking.istio.io', ['Namespace', 'Service', 'ServiceEntry'], 'traffic-distribution'),
  ...inDomain('traffic.istio.io', SERVICE, 'nodeSelector'),
  ...inDomain('gateway.istio.io', GATEWAY, 'service-account name-override'),
  ...inDomain('gateway.istio.io', ANY, 'controller-version'),
  ...inDomain('galley.istio.io', ANY, 'analyze-suppress'),
  ...inDomain('topology.istio.io', ['Namespace'], 'controlPlaneClusters'),
  ...inDomain('alpha.istio.io', SERVICE, 'kubernetes-serviceaccounts canonical-serviceaccounts'),
  ...inDomain('istio.io', POD, 'reroute-virtual-interfaces'),
  // Istio writes it on whatever it has handled.
  ...inDomain('istio.io', ANY, 'rev'),
  ...inDomain('istio.io', ['AuthorizationPolicy'], 'dry-run'),
  ...inDomain('istio.io', MACHINE, 'autoRegistrationGroup workloadController connectedAt disconnectedAt'),
  ...inDomain('istio.io', ['Service', 'ServiceEntry', 'Namespace'], 'use-waypoint-canary-weight'),
]);
