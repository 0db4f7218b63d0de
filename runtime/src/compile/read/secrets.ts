import type { SecretData, SecretIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import { Derived, ObjectCache } from '../cache';

/** Secrets, and ConfigMaps with authorities, are decoded when a proxy asks for one, and once. */
export class SecretsReader {
  private readonly decoded = new Derived((resource: Resource): SecretData => ({ entries: secretEntries(resource) }));
  private readonly indexes = new ObjectCache<ResourceMap, SecretIndex>(2);

  public read(secrets: ResourceMap, configMaps: ResourceMap): SecretIndex {
    const find = (map: ResourceMap) => (namespace: string, name: string): SecretData | undefined => {
      const resource = map.get(resourceKey(namespace, name));
      return resource && this.decoded.of(resource);
    };
    return this.indexes.get(secrets, [configMaps], () => ({ get: find(secrets), configMap: find(configMaps) }));
  }
}

/** What stands in a Secret or a ConfigMap, decoded. */
export function secretEntries(resource: Resource): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  const encoding = resource.kind === 'Secret' ? 'base64' : 'utf8';
  for (const [name, value] of Object.entries((resource.data ?? {}) as Record<string, unknown>)) {
    entries.set(name, Uint8Array.from(Buffer.from(String(value), encoding)));
  }
  for (const [name, value] of Object.entries((resource.stringData ?? {}) as Record<string, unknown>)) {
    entries.set(name, Uint8Array.from(Buffer.from(String(value), 'utf8')));
  }
  return entries;
}
