import type { SecretData, SecretIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import { ObjectCache } from '../cache';

/** Secrets are decoded when a proxy asks for one, and once. */
export class SecretsReader {
  private readonly decoded = new WeakMap<Resource, SecretData>();
  private readonly indexes = new ObjectCache<ResourceMap, SecretIndex>();

  public read(secrets: ResourceMap): SecretIndex {
    return this.indexes.get(secrets, [], () => ({
      get: (namespace, name) => {
        const resource = secrets.get(resourceKey(namespace, name));
        return resource && this.decode(resource);
      },
    }));
  }

  private decode(resource: Resource): SecretData {
    let data = this.decoded.get(resource);
    if (!data) {
      data = { entries: readEntries(resource) };
      this.decoded.set(resource, data);
    }
    return data;
  }
}

function readEntries(resource: Resource): Map<string, Uint8Array> {
  const entries = new Map<string, Uint8Array>();
  for (const [name, value] of Object.entries((resource.data ?? {}) as Record<string, unknown>)) {
    entries.set(name, Uint8Array.from(Buffer.from(String(value), 'base64')));
  }
  for (const [name, value] of Object.entries((resource.stringData ?? {}) as Record<string, unknown>)) {
    entries.set(name, Uint8Array.from(Buffer.from(String(value), 'utf8')));
  }
  return entries;
}
