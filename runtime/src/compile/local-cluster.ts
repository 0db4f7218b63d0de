import type { EncodedResource } from '../model/configuration';
import type { Endpoint } from '../model/endpoint';
import type { Mesh } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import type { ServicePort } from '../model/service';
import { ObjectCache } from './cache';
import type { Encoded } from './configuration';
import { encodeOne } from './configuration';
import { emitEndpoints } from './emit/endpoint';
import { ServiceTargets } from './service-targets';

/** Istio's name for the cluster in the bootstrap of proxies that are to know the endpoints of their own service. */
const LOCAL_CLUSTER = 'local_cluster';

/** Whether the proxy was started with that cluster: `ISTIO_META_ENABLE_SELF_DISCOVERY` in its proxyMetadata. */
export function knowsItself({ metadata }: Proxy): boolean {
  return String(metadata.ENABLE_SELF_DISCOVERY) === 'true';
}

/**
 * The endpoints beside a proxy, without which Envoy does no zone-aware routing: it compares where callers stand with where the called stand. They
 * are those of the first port of the oldest service of the workload, as in Istio (pilot/pkg/xds/eds.go, pilot/pkg/model/context.go). Istio counts
 * those of the proxy's own ReplicaSet only; here versions of a service count together, for together they are the callers.
 */
export class LocalClusterCompiler {
  private readonly targets = new ServiceTargets();
  private readonly made = new ObjectCache<readonly Endpoint[], Encoded>();

  public compile(mesh: Mesh, proxy: Proxy): Encoded {
    if (!knowsItself(proxy)) {
      return NONE;
    }
    const [own] = this.targets.of(mesh, proxy);
    const endpoints = own ? mesh.endpoints.of(own.service) : NOBODY;
    return this.made.get(endpoints, [own?.port], () => new Map([[LOCAL_CLUSTER, encoded(endpoints, own?.port)]]));
  }
}

const NONE: Encoded = new Map();
const NOBODY: readonly Endpoint[] = [];

function encoded(endpoints: readonly Endpoint[], port: ServicePort | undefined): EncodedResource {
  return encodeOne('endpoint', LOCAL_CLUSTER, port ? emitEndpoints(LOCAL_CLUSTER, endpoints, { port, unready: true }) : { clusterName: LOCAL_CLUSTER });
}
