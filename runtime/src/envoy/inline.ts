import { TYPE_URLS, type Configuration } from '../model/configuration';
import { agentCluster } from './agent-cluster';
import { GLOBAL_RUNTIME } from './runtime-layer';
import { decode, toJson } from './wire';

/** Protobuf JSON. */
type Json = Readonly<Record<string, unknown>>;

/** JSON of the resources of a configuration, by name. */
interface Resources {
  readonly clusters: ReadonlyMap<string, Json>;
  readonly endpoints: ReadonlyMap<string, Json>;
  readonly listeners: ReadonlyMap<string, Json>;
  readonly routes: ReadonlyMap<string, Json>;
  readonly secrets: ReadonlyMap<string, Json>;
}

/**
 * One static bootstrap that an Envoy can start from alone: endpoints stand in their clusters, routes in their listeners, and nothing is
 * fetched by ADS. Secrets of the configuration become static secrets; those that the agent serves stay references, to a cluster that is added
 * where the bootstrap has none.
 *
 * @param bootstrap protobuf JSON of a Bootstrap in camelCase, as `toJson('Bootstrap', …)` writes it
 * @returns protobuf JSON of a Bootstrap
 */
export function inlineBootstrap(bootstrap: Json, configuration: Configuration): Json {
  const resources = jsonOf(configuration);
  const { dynamicResources: _, ...rest } = bootstrap;
  const fixed = (bootstrap.staticResources ?? {}) as Json;
  return {
    layeredRuntime: { layers: [{ name: 'global config', staticLayer: GLOBAL_RUNTIME }] },
    ...rest,
    staticResources: {
      ...fixed,
      listeners: merge(fixed.listeners, [...resources.listeners.values()].map((listener) => inline(listener, resources))),
      clusters: withAgent(merge(fixed.clusters, [...resources.clusters.values()].map((cluster) => inline(inlineEndpoints(cluster, resources), resources)))),
      ...(resources.secrets.size > 0 && { secrets: merge(fixed.secrets, [...resources.secrets.values()]) }),
    },
  };
}

function jsonOf(configuration: Configuration): Resources {
  const read = (typeUrl: keyof typeof TYPE_URLS) => {
    const url = TYPE_URLS[typeUrl] as `type.googleapis.com/${string}`;
    return new Map([...(configuration.get(url) ?? [])].map(([name, { bytes }]) => [name, toJson(url, decode(url, bytes)) as Json]));
  };
  return { clusters: read('cluster'), endpoints: read('endpoint'), listeners: read('listener'), routes: read('route'), secrets: read('secret') };
}

/** Of two resources with one name Envoy takes the static one. */
function merge(fixed: unknown, added: readonly Json[]): Json[] {
  const own = (fixed ?? []) as Json[];
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...added.filter(({ name }) => !names.has(name))];
}

/** Envoy refuses references to a cluster that it does not know from the start. */
function withAgent(clusters: readonly Json[]): readonly Json[] {
  return merge(clusters, [toJson('Cluster', agentCluster()) as Json]);
}

function inlineEndpoints(cluster: Json, { endpoints }: Resources): Json {
  if (cluster.type !== 'EDS') return cluster;
  const { edsClusterConfig, ...rest } = cluster;
  const name = (edsClusterConfig as { serviceName?: string } | undefined)?.serviceName ?? (cluster.name as string);
  const assignment = endpoints.get(name);
  const type = hasHostname(assignment) ? 'STRICT_DNS' : 'STATIC';
  return { ...rest, type, loadAssignment: { ...assignment, clusterName: cluster.name } };
}

/** Envoy takes addresses for static clusters, names for DNS clusters only. */
function hasHostname(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasHostname);
  if (typeof value !== 'object' || value === null) return false;
  const { address } = ((value as Json).socketAddress ?? {}) as { address?: unknown };
  return (typeof address === 'string' && !/^[\d.]+$|:/.test(address)) || Object.values(value).some(hasHostname);
}

/** A copy in which references to routes and secrets of the configuration are replaced, at any depth. */
function inline(value: Json, resources: Resources): Json {
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key === 'rds') return [['routeConfig', routeConfig(member as Json, resources)]];
    const replaced = inlineMember(member, resources);
    if (key === 'combinedValidationContext' && !(replaced as Json).validationContextSdsSecretConfig) {
      // Envoy takes the two together only, and names to be checked only with an authority that vouches for them.
      return [];
    }
    return replaced === undefined ? [] : [[key, replaced]];
  });
  return Object.fromEntries(entries);
}

function inlineMember(member: unknown, resources: Resources): unknown {
  if (Array.isArray(member)) {
    const items = member.map((item) => inlineMember(item, resources)).filter((item) => item !== undefined);
    return items.length === 0 && member.length > 0 ? undefined : items;
  }
  if (typeof member !== 'object' || member === null) return member;
  return 'sdsConfig' in member ? inlineSecret(member as Json, resources) : inline(member as Json, resources);
}

/** Routes of a file need not name known clusters, as those of RDS; routes that the configuration does not have are no routes. */
function routeConfig(rds: Json, { routes }: Resources): Json {
  const name = rds.routeConfigName as string;
  return { validateClusters: false, ...(routes.get(name) ?? { name }) };
}

/** A secret that would come by ADS and that nobody has is left out: it could never arrive. */
function inlineSecret(reference: Json, { secrets }: Resources): Json | undefined {
  if (secrets.has(reference.name as string)) return { name: reference.name };
  return 'ads' in (reference.sdsConfig as Json) ? undefined : reference;
}
