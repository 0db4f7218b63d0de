/** The API in which a gateway is written. */
export enum GatewayApi {
  /** Istio's Gateway and VirtualService, which can express everything. */
  ISTIO = 'ISTIO',
  /**
   * The Gateway API of Kubernetes: Gateway, HTTPRoute, GRPCRoute, TCPRoute, TLSRoute. Proxies are deployed by the control plane. What it
   * cannot express is an error that says so.
   */
  KUBERNETES = 'KUBERNETES',
}
