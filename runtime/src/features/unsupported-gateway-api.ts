const GROUP = 'gateway.networking.k8s.io';

const BACKEND_FILTER = 'filters of a backend can change headers only, as in Istio: the route is left out; write the filter into the rule';
const EXTENSION = 'Istio has no filters of its own, and leaves the route out';
const NAME = 'it is for people: statistics name the destination';

/** What of the Gateway API is not handled. */
export const UNSUPPORTED_GATEWAY_API: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [`${GROUP}/GatewayClass`]: {
    'spec.description': 'it is for people',
    'spec.parametersRef': 'Istio reads the ConfigMap in the root namespace that is labelled gateway.istio.io/defaults-for-class instead',
  },
  [`${GROUP}/Gateway`]: { 'spec.tls.backend': 'backends are shown no certificate of the gateway: use mode MUTUAL in the tls of a DestinationRule' },
  [`${GROUP}/HTTPRoute`]: {
    'spec.rules[].filters[].extensionRef': EXTENSION,
    'spec.rules[].backendRefs[].filters[].extensionRef': EXTENSION,
    'spec.rules[].backendRefs[].filters[].cors': BACKEND_FILTER,
    'spec.rules[].backendRefs[].filters[].requestMirror': BACKEND_FILTER,
    'spec.rules[].backendRefs[].filters[].requestRedirect': BACKEND_FILTER,
    'spec.rules[].backendRefs[].filters[].urlRewrite': BACKEND_FILTER,
  },
  [`${GROUP}/GRPCRoute`]: {
    'spec.rules[].filters[].extensionRef': EXTENSION,
    'spec.rules[].backendRefs[].filters[].extensionRef': EXTENSION,
    'spec.rules[].backendRefs[].filters[].requestMirror': BACKEND_FILTER,
  },
  [`${GROUP}/TCPRoute`]: { 'spec.rules[].name': NAME },
  [`${GROUP}/TLSRoute`]: { 'spec.rules[].name': NAME },
  [`${GROUP}/UDPRoute`]: { '': 'Envoy sidecars and gateways of Istio carry TCP only: UDP goes past the mesh' },
  [`${GROUP}/BackendTLSPolicy`]: { 'spec.options': 'Istio knows no options here' },
};

/** Fields that are for people deserve no Problem. */
export const HARMLESS_GATEWAY_API = {
  [`${GROUP}/GatewayClass`]: { 'spec.description': true as const },
  [`${GROUP}/TCPRoute`]: { 'spec.rules[].name': true as const },
  [`${GROUP}/TLSRoute`]: { 'spec.rules[].name': true as const },
};
