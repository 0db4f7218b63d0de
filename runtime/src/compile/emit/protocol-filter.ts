import type { Filter } from '../../envoy';
import { any, duration } from '../../envoy';
import type { Protocol } from '../../model/protocol';
import type { Switches } from '../../model/switches';

/** Istio's; Envoy demands one. */
const REDIS_TIMEOUT_MS = 5_000;

export interface ForwardOptions {
  readonly protocol: Protocol | undefined;
  readonly switches: Switches;
  readonly statPrefix: string;
  /** Where the connections go; of several by weight the first, as in Istio. */
  readonly cluster: string;
  /** The cluster knows its servers: one that goes where the caller wanted to go leaves no choice. */
  readonly choosesServers: boolean;
}

/** What stands before the filter that forwards a connection, or in its place, for protocols that Envoy knows. */
export function protocolFilters(forward: Filter, { protocol, switches, statPrefix, cluster, choosesServers }: ForwardOptions): Filter[] {
  if (protocol === 'Mongo' && switches.mongoFilter) {
    return [{ name: 'envoy.filters.network.mongo_proxy', typedConfig: any('MongoProxy', { statPrefix }) }, forward];
  }
  if (protocol === 'Redis' && switches.redisFilter && choosesServers) {
    const settings = { opTimeout: duration(REDIS_TIMEOUT_MS) };
    return [{
      name: 'envoy.filters.network.redis_proxy',
      typedConfig: any('RedisProxy', { statPrefix, settings, latencyInMicros: true, prefixRoutes: { catchAllRoute: { cluster } } }),
    }];
  }
  return [forward];
}
