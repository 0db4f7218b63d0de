/** The kinds of the Gateway API, as `group/Kind`, with the version that the runtime reads them as. */
export const GATEWAY_API = 'gateway.networking.k8s.io';

export const GATEWAY_API_KINDS: ReadonlyMap<string, string> = new Map([
  [`${GATEWAY_API}/GatewayClass`, 'v1'],
  [`${GATEWAY_API}/Gateway`, 'v1'],
  [`${GATEWAY_API}/ListenerSet`, 'v1'],
  [`${GATEWAY_API}/HTTPRoute`, 'v1'],
  [`${GATEWAY_API}/GRPCRoute`, 'v1'],
  [`${GATEWAY_API}/TLSRoute`, 'v1'],
  [`${GATEWAY_API}/TCPRoute`, 'v1'],
  [`${GATEWAY_API}/UDPRoute`, 'v1'],
  [`${GATEWAY_API}/BackendTLSPolicy`, 'v1'],
  [`${GATEWAY_API}/ReferenceGrant`, 'v1'],
]);

/** Versions that the pinned CRDs serve or that older ones served: their fields are those of v1, or fewer. */
export const GATEWAY_API_VERSIONS: ReadonlySet<string> = new Set(['v1', 'v1beta1', 'v1alpha3', 'v1alpha2']);
