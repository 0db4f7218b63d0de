import { TestCertificates } from '../cases/certificates';
import { validate } from '../envoy/envoy-validate';

const FILE_LOG = 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog';

type Json = Readonly<Record<string, unknown>>;

/** One world's bootstrap, and what to call it. */
export interface Entry<T> {
  readonly of: T;
  readonly bootstrap: object;
}

export interface Refused<T> {
  readonly of: T;
  /** What Envoy says. */
  readonly reason: string;
}

/**
 * Those bootstraps that a real Envoy refuses. Starting one costs more than looking at what it is given, so many worlds share one bootstrap,
 * told apart by their names; only when that is refused is it divided.
 */
export class EnvoyBatch {
  private readonly certificates = new TestCertificates();

  public async refused<T>(entries: readonly Entry<T>[]): Promise<Refused<T>[]> {
    if (entries.length === 0) {
      return [];
    }
    const reason = await validate(await this.certificates.putInto(together(entries.map(({ bootstrap }) => bootstrap))));
    if (reason === '') {
      return [];
    }
    if (entries.length === 1) {
      return [{ of: entries[0].of, reason }];
    }
    const half = Math.ceil(entries.length / 2);
    return [...await this.refused(entries.slice(0, half)), ...await this.refused(entries.slice(half))];
  }

  public close(): void {
    this.certificates.remove();
  }
}

function together(bootstraps: readonly object[]): Json {
  const worlds = bootstraps.map((bootstrap, i) => renamed((bootstrap as { staticResources: Json }).staticResources, i));
  const all = (field: string): unknown[] => worlds.flatMap((world) => (world[field] as unknown[] | undefined) ?? []);
  return { ...bootstraps[0], staticResources: { listeners: all('listeners'), clusters: all('clusters'), secrets: all('secrets') } };
}

/** Everything that Envoy knows by its name gets one of its own, and listeners an address of their own. */
function renamed(resources: Json, world: number): Json {
  const listeners = ((resources.listeners as Json[] | undefined) ?? []).map((listener, i) => ({ ...listener, name: `${world} ${String(listener.name)}`, ...addressOf(listener, world, i) }));
  const clusters = ((resources.clusters as Json[] | undefined) ?? []).map((cluster) => ({ ...cluster, name: `${world} ${String(cluster.name)}` }));
  return prefixed({ ...resources, listeners, clusters }, world) as Json;
}

function addressOf(listener: Json, world: number, index: number): Json {
  const socket = (listener.address as { socketAddress?: Json } | undefined)?.socketAddress;
  return socket ? { address: { socketAddress: { ...socket, address: `127.${1 + (world >> 8)}.${world & 255}.${1 + (index & 127)}`, portValue: 1000 + index } }, additionalAddresses: [] } : {};
}

/** Names of caches and secrets, wherever they stand. */
function prefixed(value: unknown, world: number): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => prefixed(item, world));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => {
    const named = typeof inner === 'object' && inner !== null && 'name' in inner && field === 'dnsCacheConfig';
    if (field === 'typedConfig' && (inner as Json)['@type'] === FILE_LOG) {
      // Which files the machine of a proxy has, nobody here knows.
      return [field, { ...(inner as Json), path: '/dev/null' }];
    }
    const prefix = (one: Json): Json => ({ ...one, name: `${world} ${String(one.name)}` });
    if (named) {
      return [field, prefix(prefixed(inner, world) as Json)];
    }
    return /^(tlsCertificateSdsSecretConfigs|validationContextSdsSecretConfig|secrets)$/.test(field)
      ? [field, Array.isArray(inner) ? inner.map((one: Json) => prefix(prefixed(one, world) as Json)) : prefix(prefixed(inner, world) as Json)]
      : [field, prefixed(inner, world)];
  }));
}
