import { toJson } from '../envoy';
import { TYPE_URLS, type Configuration } from '../model/configuration';

type Json = Record<string, unknown>;

/** All of a proxy's resources in canonical protobuf JSON, ordered by name. */
export interface ConfigurationJson {
  readonly listeners: readonly Json[];
  readonly routes: readonly Json[];
  readonly clusters: readonly Json[];
  readonly endpoints: readonly Json[];
}

export function configurationJson(configuration: Configuration): ConfigurationJson {
  const all = (typeUrl: string) => {
    const resources = [...configuration.get(typeUrl)?.values() ?? []].sort((a, b) => (a.name < b.name ? -1 : 1));
    return resources.map(({ bytes }) => toJson(typeUrl as 'Cluster', bytes) as Json);
  };
  const secrets = all(TYPE_URLS.secret);
  return {
    listeners: all(TYPE_URLS.listener), routes: all(TYPE_URLS.route), clusters: all(TYPE_URLS.cluster), endpoints: all(TYPE_URLS.endpoint),
    ...(secrets.length > 0 ? { secrets } : {}),
  };
}

/** One file that Envoy starts with, without any control plane: what would come by discovery is put in its place. */
export function staticBootstrap(configuration: Configuration, node: { readonly id: string; readonly metadata: unknown }): Json {
  const { listeners, routes, clusters, endpoints, ...rest } = configurationJson(configuration);
  const routesByName = new Map(routes.map((route) => [route.name as string, route]));
  const endpointsByName = new Map(endpoints.map((assignment) => [assignment.clusterName as string, assignment]));
  return {
    node: { id: node.id, cluster: node.id.split('~')[2] ?? node.id, metadata: node.metadata },
    admin: { address: { socketAddress: { address: '127.0.0.1', portValue: 15000 } } },
    staticResources: {
      listeners: listeners.map((listener) => inlineRoutes(listener, routesByName)),
      clusters: clusters.map((cluster) => inlineEndpoints(cluster, endpointsByName)),
      ...rest,
    },
  };
}

/** Wherever a filter takes its routes by discovery, the routes themselves; those that do not exist are empty, as Envoy would see them. */
function inlineRoutes(value: unknown, routes: ReadonlyMap<string, Json>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => inlineRoutes(item, routes));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { rds, ...fields } = value as { rds?: { routeConfigName?: string } } & Json;
  const inlined = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, inlineRoutes(field, routes)]));
  if (!rds?.routeConfigName) {
    return rds === undefined ? inlined : { ...inlined, rds };
  }
  return { ...inlined, routeConfig: routes.get(rds.routeConfigName) ?? { name: rds.routeConfigName } };
}

function inlineEndpoints(cluster: Json, endpoints: ReadonlyMap<string, Json>): Json {
  if (cluster.type !== 'EDS') {
    return cluster;
  }
  const { edsClusterConfig, ...rest } = cluster as { edsClusterConfig?: { serviceName?: string } } & Json;
  const name = edsClusterConfig?.serviceName ?? cluster.name as string;
  const assignment = endpoints.get(name) ?? { clusterName: name };
  return { ...rest, type: 'STATIC', loadAssignment: { ...assignment, clusterName: cluster.name } };
}
