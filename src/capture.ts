/**
 * Which connections of a pod go through its proxy; the rest goes around it, without routing, policies or metrics. Written as annotations of
 * the pods, `traffic.sidecar.istio.io/*`.
 *
 * @example
 * new Mesh(chart, 'mesh-around', { capture: { excludeOutboundIpRanges: ['10.20.0.0/16'], excludeOutboundPorts: [5432] } });
 */
export interface Capture {
  /**
   * Only connections to these ranges of addresses; with the cluster's own, whatever is outside goes around the proxy. `[]` means none.
   * Writes `includeOutboundIPRanges`.
   * @default '*': all
   */
  readonly includeOutboundIpRanges?: readonly string[] | '*';
  /**
   * No connections to these ranges of addresses. Writes `excludeOutboundIPRanges`.
   * @default none
   */
  readonly excludeOutboundIpRanges?: readonly string[];
  /**
   * Connections to these ports too, whatever the ranges say. Writes `includeOutboundPorts`.
   * @default none
   */
  readonly includeOutboundPorts?: readonly number[];
  /**
   * No connections to these ports. Writes `excludeOutboundPorts`.
   * @default none
   */
  readonly excludeOutboundPorts?: readonly number[];
  /**
   * Only connections that come in on these ports. `[]` means none. Writes `includeInboundPorts`.
   * @default '*': all
   */
  readonly includeInboundPorts?: readonly number[] | '*';
  /**
   * No connections that come in on these ports. Writes `excludeInboundPorts`.
   * @default none
   */
  readonly excludeInboundPorts?: readonly number[];
  /**
   * No connections through these network interfaces. Writes `excludeInterfaces`.
   * @default none
   */
  readonly excludeInterfaces?: readonly string[];
}
