import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import { resourcesOf, type Snapshot } from '../model/snapshot';

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 3, 5, 10];

/** Metrics of the control plane beside those of the xDS server, with istiod's names where it has one. */
export class ControlMetrics {
  public readonly registry = new Registry();
  private readonly services = gauge(this.registry, 'pilot_services', 'Services known');
  private readonly virtualServices = gauge(this.registry, 'pilot_virt_services', 'VirtualServices known');
  private readonly pushes: Counter;
  private readonly pushTime: Histogram;
  private readonly keys: { readonly fetched: Counter; readonly failed: Counter };

  public constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.pushes = new Counter({ name: 'pilot_push_triggers', help: 'Changes of the source that were compiled', registers });
    this.keys = {
      fetched: new Counter({ name: 'pilot_jwks_resolver_network_fetch_success_total', help: 'Public keys of issuers that were fetched', registers }),
      failed: new Counter({ name: 'pilot_jwks_resolver_network_fetch_fail_total', help: 'Attempts to fetch public keys that came to nothing', registers }),
    };
    this.pushTime = new Histogram({
      name: 'pilot_xds_push_time', help: 'Seconds to compile and hand out one change', registers, buckets: SECONDS,
    });
  }

  public keysFetched(well: boolean): void {
    (well ? this.keys.fetched : this.keys.failed).inc();
  }

  public pushed(snapshot: Snapshot, seconds: number): void {
    this.pushes.inc();
    this.pushTime.observe(seconds);
    this.services.set(resourcesOf(snapshot, '/Service').size + resourcesOf(snapshot, 'networking.istio.io/ServiceEntry').size);
    this.virtualServices.set(resourcesOf(snapshot, 'networking.istio.io/VirtualService').size);
  }
}

function gauge(registry: Registry, name: string, help: string): Gauge {
  return new Gauge({ name, help, registers: [registry] });
}
