import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

import { TYPE_URLS, type TypeUrl } from '../model/configuration';

const SHORT: ReadonlyMap<TypeUrl, string> = new Map([
  [TYPE_URLS.cluster, 'cds'], [TYPE_URLS.endpoint, 'eds'], [TYPE_URLS.listener, 'lds'], [TYPE_URLS.route, 'rds'], [TYPE_URLS.secret, 'sds'],
]);
const SECONDS = [0.01, 0.1, 0.5, 1, 3, 5, 10, 20, 30];

/** `cds` … for Envoy's main types, the message's name for the others. */
export function shortType(typeUrl: TypeUrl): string {
  return SHORT.get(typeUrl) ?? typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
}

/** Metrics with istiod's names, so that its dashboards and alerts carry over. */
export class XdsMetrics {
  readonly connections: Gauge;
  readonly pushes: Counter<'type'>;
  readonly rejects: Counter<'type'>;
  readonly expiredNonces: Counter<'type'>;
  readonly writeTimeouts: Counter;
  readonly sizes: Histogram<'type'>;
  readonly convergence: Histogram;
  readonly sendTime: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['type'] as const;
    this.connections = new Gauge({ name: 'pilot_xds', help: 'Proxies connected by xDS', registers });
    this.pushes = new Counter({ name: 'pilot_xds_pushes', help: 'Responses sent, by type', labelNames, registers });
    this.rejects = new Counter({ name: 'pilot_total_xds_rejects', help: 'Responses that proxies rejected, by type', labelNames, registers });
    this.expiredNonces = new Counter({ name: 'pilot_xds_expired_nonce', help: 'Requests with a nonce that is not in use', labelNames, registers });
    this.writeTimeouts = new Counter({ name: 'pilot_xds_write_timeout', help: 'Connections closed because the proxy stopped reading', registers });
    this.sizes = new Histogram({
      name: 'pilot_xds_config_size_bytes', help: 'Bytes of responses', labelNames, registers, buckets: [1, 1e4, 1e6, 4e6, 1e7, 4e7],
    });
    this.convergence = new Histogram({
      name: 'pilot_proxy_convergence_time', help: 'Seconds from a change to a proxy having acknowledged all of it', registers, buckets: SECONDS,
    });
    this.sendTime = new Histogram({ name: 'pilot_xds_send_time', help: 'Seconds that a slow proxy kept a response waiting', registers, buckets: SECONDS });
  }
}
