import { ApiConfigSource_ApiType, ApiVersion, type Cluster, type SdsSecretConfig } from './types';
import { any, duration } from './well-known';

/** The agent beside the proxy, with Istio's names: it serves the workload's certificate. */
const AGENT_CLUSTER = 'sds-grpc';
const AGENT_SOCKET = './var/run/secrets/workload-spiffe-uds/socket';

/** @param path of the agent's Unix socket */
export function agentCluster(path: string = AGENT_SOCKET): Cluster {
  return {
    name: AGENT_CLUSTER,
    connectTimeout: duration(1_000),
    loadAssignment: { clusterName: AGENT_CLUSTER, endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path } } } }] }] },
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('ClusterHttpProtocolOptions', { explicitHttpConfig: { http2ProtocolOptions: {} } }),
    },
  };
}

/** How the proxy asks the agent for a secret; it waits for it as long as it takes. */
export function agentSecret(name: 'default' | 'ROOTCA'): SdsSecretConfig {
  return {
    name,
    sdsConfig: {
      apiConfigSource: {
        apiType: ApiConfigSource_ApiType.GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ envoyGrpc: { clusterName: AGENT_CLUSTER } }],
      },
      initialFetchTimeout: duration(0),
      resourceApiVersion: ApiVersion.V3,
    },
  };
}
