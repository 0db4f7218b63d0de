import { any, ApiVersion, Cluster_DiscoveryType, duration, encodeResource, type Cluster } from '../../src/envoy';
import { TYPE_URLS, type Configuration, type EncodedResource } from '../../src/model/configuration';

export const ADS = { ads: {}, resourceApiVersion: ApiVersion.V3 };

/** An EDS cluster; another `timeout` is another definition. */
export function cluster(name: string, timeout = 1000, more: Cluster = {}): EncodedResource {
  return encodeResource('Cluster', name, {
    name, type: Cluster_DiscoveryType.EDS, connectTimeout: duration(timeout), edsClusterConfig: { edsConfig: ADS }, ...more,
  });
}

export function endpoints(clusterName: string, ...ports: number[]): EncodedResource {
  const lbEndpoints = ports.map((portValue) => ({ endpoint: { address: { socketAddress: { address: '127.0.0.1', portValue } } } }));
  return encodeResource('ClusterLoadAssignment', clusterName, { clusterName, endpoints: [{ lbEndpoints }] });
}

/** A route configuration that sends everything to one cluster. */
export function routes(name: string, clusterName: string): EncodedResource {
  return encodeResource('RouteConfiguration', name, {
    name,
    virtualHosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: clusterName } }] }],
  });
}

/** An HTTP listener on a free loopback port, with its routes by RDS. */
export function listener(name: string, routeConfigName: string, portValue = 0): EncodedResource {
  const manager = any('HttpConnectionManager', {
    statPrefix: name,
    rds: { routeConfigName, configSource: ADS },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: any('Router', {}) }],
  });
  return encodeResource('Listener', name, {
    name,
    address: { socketAddress: { address: '127.0.0.1', portValue } },
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }] }],
  });
}

interface Parts {
  readonly clusters?: readonly EncodedResource[];
  readonly endpoints?: readonly EncodedResource[];
  readonly listeners?: readonly EncodedResource[];
  readonly routes?: readonly EncodedResource[];
}

export function configuration(parts: Parts): Configuration {
  const byName = (resources: readonly EncodedResource[] = []) => new Map(resources.map((resource) => [resource.name, resource]));
  return new Map([
    [TYPE_URLS.cluster, byName(parts.clusters)],
    [TYPE_URLS.endpoint, byName(parts.endpoints)],
    [TYPE_URLS.listener, byName(parts.listeners)],
    [TYPE_URLS.route, byName(parts.routes)],
  ]);
}

/** `name@version`, as the test client notes what it receives. */
export function id(resource: EncodedResource): string {
  return `${resource.name}@${resource.version}`;
}
