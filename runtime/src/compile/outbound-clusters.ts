import type { EncodedResource } from '../model/configuration';
import type { DestinationRule, Subset } from '../model/cluster';
import { NO_POLICY, outboundCluster, settingsFor } from '../model/cluster';
import type { Mesh, MeshSettings } from '../model/mesh';
import type { Service, ServicePort } from '../model/service';
import type { SecretRef } from '../features/emitter';
import { InputCache } from './cache';
import type { Encoded } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { emitBlackHoleCluster, emitOutboundCluster, emitPassthroughCluster } from './emit/cluster';
import { emitEndpoints } from './emit/endpoint';
import type { ProxyClass } from './emit/proxy-class';
import type { Scope } from './scope';

export interface OutboundClusters {
  readonly clusters: Encoded;
  readonly secrets: readonly SecretRef[];
}

interface EncodedCluster {
  readonly resource: EncodedResource;
  readonly secrets: readonly SecretRef[];
}

/** A port of a service, all of its endpoints or those of a subset: what is one cluster in Envoy. */
interface ClusterSource {
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule?: DestinationRule;
  readonly subset?: Subset;
}

/** Clusters and endpoints for everything in a scope. A change of endpoints never touches a cluster. */
export class OutboundClustersCompiler {
  private readonly scopes = new InputCache<OutboundClusters>();
  private readonly clusters = new InputCache<EncodedCluster>();
  private readonly ownClusters = new InputCache<readonly EncodedResource[]>();
  private readonly assignments = new InputCache<Encoded>();
  private readonly endpoints = new InputCache<EncodedResource>();

  public compileClusters(key: string, scope: Scope, proxy: ProxyClass, settings: MeshSettings): OutboundClusters {
    return this.scopes.get(key, [scope, settings], () => {
      const all = sourcesOf(scope).map((source) => this.cluster(source, proxy, settings));
      const own = this.ownClusters.get('', [proxy.mark, settings], () => [emitPassthroughCluster(proxy, settings), emitBlackHoleCluster(settings)]
        .map((cluster) => encodeOne('cluster', cluster.name ?? '', cluster)));
      return {
        clusters: byResourceName([...all.map((one) => one.resource), ...own]),
        secrets: all.flatMap((one) => one.secrets),
      };
    });
  }

  public compileEndpoints(key: string, scope: Scope, proxy: ProxyClass, mesh: Mesh): Encoded {
    return this.assignments.get(key, [scope, mesh.endpoints], () => byResourceName(
      sourcesOf(scope).filter((source) => needsEndpoints(source.service, proxy)).map((source) => this.assignment(source, mesh))));
  }

  private cluster(source: ClusterSource, proxy: ProxyClass, settings: MeshSettings): EncodedCluster {
    const { service, port, rule, subset } = source;
    const name = nameOf(source);
    const inputs = [service, rule, settings, proxy.type, proxy.mark, proxy.systemTrust];
    return this.clusters.get(name, inputs, () => {
      const policy = settingsFor(rule?.policy ?? NO_POLICY, port.number, subset);
      const { cluster, secrets } = emitOutboundCluster(service, port, { proxy, settings, policy, subset });
      return { resource: encodeOne('cluster', name, cluster), secrets };
    });
  }

  private assignment(source: ClusterSource, mesh: Mesh): EncodedResource {
    const { service, port, subset } = source;
    const name = nameOf(source);
    const endpoints = mesh.endpoints.of(service);
    return this.endpoints.get(name, [endpoints, port, subset], () =>
      encodeOne('endpoint', name, emitEndpoints(name, endpoints, port, subset?.labels)));
  }
}

function nameOf({ service, port, subset }: ClusterSource): string {
  return outboundCluster(port.number, subset?.name ?? '', service.host);
}

function sourcesOf(scope: Scope): ClusterSource[] {
  return scope.services.flatMap((service) => {
    const rule = scope.ruleFor(service);
    const ports = service.resolution === 'alias' ? [] : service.ports.filter((port) => port.protocol !== 'UDP');
    return ports.flatMap((port): ClusterSource[] => [
      { service, port, rule },
      ...(rule?.subsets ?? []).map((subset) => ({ service, port, rule, subset })),
    ]);
  });
}

function needsEndpoints(service: Service, proxy: ProxyClass): boolean {
  return service.resolution === 'endpoints' || (service.resolution === 'original' && proxy.type === 'router');
}
