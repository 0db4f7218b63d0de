import type { Cluster, Cluster_SlowStartConfig, RouteAction_HashPolicy } from '../../envoy';
import { Cluster_DiscoveryType, Cluster_LbPolicy, duration, uint64 } from '../../envoy';
import type { Emitter } from '../emitter';
import type { HashKey, LoadBalancer } from './model';
import { loadBalancer } from './model';

const DEFAULT: LoadBalancer = { algorithm: 'LEAST_REQUEST' };
const DEFAULT_RING_SIZE = 1024;

export const loadBalancerEmitter: Emitter = {
  cluster: (settings, { direction }) => (direction === 'outbound' ? { cluster: emitAlgorithm(settings.get(loadBalancer) ?? DEFAULT) } : {}),

  goesDirect: (settings) => settings.get(loadBalancer)?.algorithm === 'PASSTHROUGH',

  towards(settings) {
    const hash = settings.get(loadBalancer)?.hash;
    return hash && { hashPolicy: [emitHash(hash)] };
  },

  connection: (settings) => (settings.get(loadBalancer)?.hash?.kind === 'source-ip' ? { hashPolicy: [{ sourceIp: {} }] } : {}),
};

function emitAlgorithm(balancer: LoadBalancer): Cluster {
  const slowStartConfig = balancer.warmup && emitWarmup(balancer.warmup);
  switch (balancer.algorithm) {
    case 'LEAST_REQUEST':
      return { lbPolicy: Cluster_LbPolicy.LEAST_REQUEST, ...(slowStartConfig && { leastRequestLbConfig: { slowStartConfig } }) };
    case 'ROUND_ROBIN':
      return { lbPolicy: Cluster_LbPolicy.ROUND_ROBIN, ...(slowStartConfig && { roundRobinLbConfig: { slowStartConfig } }) };
    case 'RANDOM':
      return { lbPolicy: Cluster_LbPolicy.RANDOM };
    case 'PASSTHROUGH':
      return { lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED, type: Cluster_DiscoveryType.ORIGINAL_DST };
    case 'RING_HASH':
      return {
        lbPolicy: Cluster_LbPolicy.RING_HASH,
        ringHashLbConfig: { minimumRingSize: uint64(balancer.minimumRingSize ?? DEFAULT_RING_SIZE) },
      };
    case 'MAGLEV':
      return {
        lbPolicy: Cluster_LbPolicy.MAGLEV,
        ...(balancer.tableSize !== undefined && { maglevLbConfig: { tableSize: uint64(balancer.tableSize) } }),
      };
  }
}

function emitWarmup({ duration: window, minimumPercent, aggression }: NonNullable<LoadBalancer['warmup']>): Cluster_SlowStartConfig {
  return {
    slowStartWindow: duration(window),
    ...(minimumPercent !== undefined && { minWeightPercent: { value: minimumPercent } }),
    ...(aggression !== undefined && { aggression: { defaultValue: aggression, runtimeKey: 'warmup.aggression' } }),
  };
}

function emitHash(hash: HashKey): RouteAction_HashPolicy {
  switch (hash.kind) {
    case 'header':
      return { header: { headerName: hash.name } };
    case 'query':
      return { queryParameter: { name: hash.name } };
    case 'source-ip':
      return { connectionProperties: { sourceIp: true } };
    case 'cookie':
      return {
        cookie: {
          name: hash.name,
          ...(hash.ttl !== undefined && { ttl: duration(hash.ttl) }),
          ...(hash.path && { path: hash.path }),
          ...(hash.attributes.length > 0 && { attributes: hash.attributes }),
        },
      };
  }
}
