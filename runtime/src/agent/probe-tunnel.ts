import { request } from 'node:http';
import type { Duplex } from 'node:stream';

import { any, Cluster_DiscoveryType, Cluster_LbPolicy, duration, type Address, type Cluster, type Listener } from '../envoy';

/**
 * Where the agent is not in the pod, it reaches the application through the pod's Envoy: by HTTP CONNECT at a Unix socket, past all that is
 * captured and past mutual TLS, as an agent in the pod would. Whoever may open the socket may reach the pod's ports.
 */

const NAME = 'agent-probe';
/** Connections from here to the pod itself are not captured: `capture-rules.ts`. */
const INBOUND_SOURCE = '127.0.0.6';
const TARGET = 'x-envoy-original-dst-host';

export function probeListener(socket: string): Listener {
  const manager = any('HttpConnectionManager', {
    statPrefix: NAME,
    upgradeConfigs: [{ upgradeType: 'CONNECT' }],
    routeConfig: {
      virtualHosts: [{
        name: NAME, domains: ['*'],
        routes: [{ match: { connectMatcher: {} }, route: { cluster: NAME, upgradeConfigs: [{ upgradeType: 'CONNECT', connectConfig: {} }] } }],
      }],
    },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: any('Router', {}) }],
  });
  const address: Address = { pipe: { path: socket, mode: 0o600 } };
  return {
    name: NAME, address, ignoreGlobalConnLimit: true,
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }] }],
  };
}

export function probeCluster(): Cluster {
  return {
    name: NAME,
    type: Cluster_DiscoveryType.ORIGINAL_DST,
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: duration(1_000),
    originalDstLbConfig: { useHttpHeader: true, httpHeaderName: TARGET },
    upstreamBindConfig: { sourceAddress: { address: INBOUND_SOURCE, portValue: 0 } },
  };
}

/** A connection to a port of the pod, through its Envoy. */
export function connectThrough(socketPath: string, address: string, port: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method: 'CONNECT', path: `${address}:${port}`, headers: { [TARGET]: `${address}:${port}` }, agent: false });
    call.on('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      return reject(new Error(`nothing answers at ${address}:${port}`));
    });
    call.on('response', ({ statusCode }) => reject(new Error(`${address}:${port}: ${statusCode}`)));
    call.on('error', reject);
    call.end();
  });
}
