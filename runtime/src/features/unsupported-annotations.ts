const TELEMETRY = 'telemetry is not configurable yet';
const READINESS = 'the proxy is ready when it has its configuration, and is asked at /healthz/ready as the container says';
const AMBIENT = 'there is no ambient mode: every pod has a sidecar of its own';
const FILES = 'mount what the proxy needs by a container named istio-proxy in the pod: its volumeMounts stay';

/** Annotations of pods that Istio knows and we do not handle. */
export const UNSUPPORTED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'sidecar.istio.io/bootstrapOverride': 'Envoy starts with the bootstrap of the runtime: change its resources by an EnvoyFilter',
  'sidecar.istio.io/proxyImageType': 'the runtime has one image, of which there are no variants',
  'sidecar.istio.io/userVolume': FILES,
  'sidecar.istio.io/userVolumeMount': FILES,
  'sidecar.istio.io/statsInclusionPrefixes': TELEMETRY,
  'sidecar.istio.io/statsInclusionSuffixes': TELEMETRY,
  'sidecar.istio.io/statsInclusionRegexps': TELEMETRY,
  'sidecar.istio.io/statsHistogramBuckets': TELEMETRY,
  'sidecar.istio.io/statsHistogramBins': TELEMETRY,
  'sidecar.istio.io/statsFlushInterval': TELEMETRY,
  'sidecar.istio.io/statsEvictionInterval': TELEMETRY,
  'sidecar.istio.io/extraStatTags': TELEMETRY,
  'readiness.status.sidecar.istio.io/initialDelaySeconds': READINESS,
  'readiness.status.sidecar.istio.io/periodSeconds': READINESS,
  'readiness.status.sidecar.istio.io/failureThreshold': READINESS,
  'readiness.status.sidecar.istio.io/applicationPorts': READINESS,
  'prometheus.istio.io/merge-metrics': 'metrics of the application stay where it serves them, with its own prometheus.io annotations',
  'ambient.istio.io/bypass-inbound-capture': AMBIENT,
  'ambient.istio.io/dns-capture': AMBIENT,
};
