/** A proxy that asks for configuration: what its node id and metadata say. */
export interface Proxy {
  /** The whole node id: `sidecar~10.244.0.7~reviews-v1-0.bookinfo~bookinfo.svc.cluster.local`. */
  readonly id: string;
  readonly type: 'sidecar' | 'router';
  readonly addresses: readonly string[];
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** The other metadata of the node, as Istio names them: `CLUSTER_ID`, `INTERCEPTION_MODE` … */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Whose traffic a resource of a proxy is about. */
export type Side = 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';
