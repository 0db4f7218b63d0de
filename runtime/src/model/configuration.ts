/** One named Envoy resource, encoded once: the bytes are shared between proxies and connections. */
export interface EncodedResource {
  readonly name: string;
  /** Content hash of `bytes`: equal content has an equal version, in every process, for ever. */
  readonly version: string;
  /** The resource's own protobuf encoding (not wrapped in Any). */
  readonly bytes: Uint8Array;
}

export const TYPE_URLS = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoint: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  extension: 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
  secret: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
} as const;

export type TypeUrl = string;

/** What one proxy is to have: for each type its resources by name. */
export type Configuration = ReadonlyMap<TypeUrl, ReadonlyMap<string, EncodedResource>>;
