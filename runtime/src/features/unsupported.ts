import { HARMLESS_GATEWAY_API, UNSUPPORTED_GATEWAY_API } from './unsupported-gateway-api';
import { HARMLESS_KUBERNETES, UNSUPPORTED_KUBERNETES } from './unsupported-kubernetes';
import { HARMLESS_ANNOTATION, UNSUPPORTED_ANNOTATION } from './unsupported-proxy-config';
import { HARMLESS_MESH_CONFIG, UNSUPPORTED_MESH_CONFIG } from './unsupported-mesh-config';

const UPGRADED_BY_CALLERS = 'Istio does not look at it either: it is about connections to other workloads, which a DestinationRule is for';

/**
 * What of Istio's API is not handled: by `group/Kind`, then by the path of a field or of everything below it (empty: the whole kind),
 * with one sentence why. A field that a user sets and that stands here becomes a Problem; a field that neither stands here nor changes
 * what proxies get fails a test.
 */
export const UNSUPPORTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...UNSUPPORTED_GATEWAY_API,
  ...UNSUPPORTED_KUBERNETES,
  'networking.istio.io/VirtualService': {
    'spec.http[].fault.delay.exponentialDelay': 'Istio does not implement it either: use fixedDelay',
    'spec.http[].fault.abort.http2Error': 'Istio does not implement it either: use httpStatus or grpcStatus',
    'spec.tcp[].match[].sourceSubnet': 'Istio does not implement it either: match on sourceLabels',
  },
  'networking.istio.io/Gateway': {
    'spec.servers[].defaultEndpoint': 'Istio does not implement it either: route with a VirtualService',
    'spec.servers[].port.targetPort': 'Istio does not implement it either: the targetPort of the gateway Service counts',
    'spec.servers[].tls.tlsCertificates[].caCertificates': 'Istio does not implement it either: use caCertificates of the server',
  },
  'networking.istio.io/ServiceEntry': {
  },
  'networking.istio.io/Sidecar': {
    'spec.egress[].port.name': 'it is for people: the protocol and the number count',
    'spec.ingress[].port.name': 'it is for people: the protocol and the number count',
    'spec.egress[].port.targetPort': 'Istio does not implement it either',
    'spec.ingress[].port.targetPort': 'Istio does not implement it either: use defaultEndpoint',
    'spec.inboundConnectionPool.http.h2UpgradePolicy': UPGRADED_BY_CALLERS,
    'spec.ingress[].connectionPool.http.h2UpgradePolicy': UPGRADED_BY_CALLERS,
    'spec.ingress[].tls.httpsRedirect': 'Istio does not implement it either: only servers of a Gateway redirect',
    'spec.ingress[].tls.tlsCertificates[].caCertificates': 'Istio does not implement it either: use caCertificates of the listener',
  },
  'networking.istio.io/EnvoyFilter': {
    'spec.configPatches[].match.waypoint': 'waypoints are proxies of ambient mode: there are none',
    'spec.configPatches[].match.listener.portName': 'Istio does not implement it either: use portNumber',
    'spec.configPatches[].patch.filterClass': 'Istio does not look at it either: place the filter with INSERT_BEFORE, INSERT_AFTER or INSERT_FIRST',
    'spec.targetRefs[].group': 'the kind says it already: Gateway and GatewayClass are those of the Gateway API',
    'spec.targetRefs[].namespace': 'Istio does not look further than the namespace of the EnvoyFilter either',
  },
  'networking.istio.io/ProxyConfig': { 'spec.image.imageType': 'the runtime has one image, of which there are no variants' },
  'networking.istio.io/WorkloadGroup': {
    'spec.template.address': 'Istio does not look at it either: the address is the one that the machine itself has',
  },
  'mesh.istio.io/MeshConfig': UNSUPPORTED_MESH_CONFIG,
  // No object, but the annotation of pods.
  'mesh.istio.io/ProxyConfig': UNSUPPORTED_ANNOTATION,
  'security.istio.io/RequestAuthentication': {
    'spec.targetRef.namespace': 'Istio refuses every value: a policy is for Gateways of its own namespace',
    'spec.targetRefs[].namespace': 'Istio refuses every value: a policy is for Gateways of its own namespace',
  },
  'security.istio.io/AuthorizationPolicy': {
    'spec.targetRef.namespace': 'Istio refuses every value: a policy is for Gateways of its own namespace',
    'spec.targetRefs[].namespace': 'Istio refuses every value: a policy is for Gateways of its own namespace',
  },
  'telemetry.istio.io/Telemetry': { '': 'telemetry is not configurable yet' },
  'extensions.istio.io/WasmPlugin': { '': 'plugins are not loaded yet' },
  'extensions.istio.io/TrafficExtension': { '': 'plugins are not loaded yet' },
};

/**
 * Values of such fields that do here what they do in Istio: setting them deserves no Problem. `true`: every value, because the field
 * has no effect in Istio either, or because somebody who knows more warns.
 */
export const HARMLESS: Readonly<Record<string, Readonly<Record<string, readonly unknown[] | true>>>> = {
  ...HARMLESS_GATEWAY_API,
  ...HARMLESS_KUBERNETES,
  'mesh.istio.io/MeshConfig': HARMLESS_MESH_CONFIG,
  'mesh.istio.io/ProxyConfig': HARMLESS_ANNOTATION,
  'networking.istio.io/Sidecar': {
    'spec.egress[].port.name': true,
    'spec.ingress[].port.name': true,
    'spec.inboundConnectionPool.http.h2UpgradePolicy': ['DEFAULT', 'DO_NOT_UPGRADE'],
    'spec.ingress[].connectionPool.http.h2UpgradePolicy': ['DEFAULT', 'DO_NOT_UPGRADE'],
  },
  'networking.istio.io/EnvoyFilter': { 'spec.targetRefs[].group': true },
};
