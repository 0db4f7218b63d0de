import { inlineBootstrap, toJson } from '../envoy';
import { TYPE_URLS, type Configuration } from '../model/configuration';

type Json = Readonly<Record<string, unknown>>;

/** All of a proxy's resources in canonical protobuf JSON, ordered by name. */
export interface ConfigurationJson {
  readonly listeners: readonly Json[];
  readonly routes: readonly Json[];
  readonly clusters: readonly Json[];
  readonly endpoints: readonly Json[];
}

export function configurationJson(configuration: Configuration): ConfigurationJson {
  const all = (typeUrl: string) => {
    const resources = [...configuration.get(typeUrl) ?? []].sort(byName);
    return resources.map(([, { bytes }]) => toJson(typeUrl as 'Cluster', bytes) as Json);
  };
  const secrets = all(TYPE_URLS.secret);
  return {
    listeners: all(TYPE_URLS.listener), routes: all(TYPE_URLS.route), clusters: all(TYPE_URLS.cluster), endpoints: all(TYPE_URLS.endpoint),
    ...(secrets.length > 0 ? { secrets } : {}),
  };
}

/** One file that Envoy starts with, without any control plane: what would come by discovery is put in its place. */
export function staticBootstrap(configuration: Configuration, node: { readonly id: string; readonly metadata: unknown }): Json {
  return inlineBootstrap({
    node: { id: node.id, cluster: node.id.split('~')[2] ?? node.id, metadata: node.metadata },
    admin: { address: { socketAddress: { address: '127.0.0.1', portValue: 15000 } } },
  }, ordered(configuration));
}

function ordered(configuration: Configuration): Configuration {
  return new Map([...configuration].map(([typeUrl, resources]) => [typeUrl, new Map([...resources].sort(byName))]));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
