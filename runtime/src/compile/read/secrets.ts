import type { SecretData, SecretIndex } from '../../model/mesh';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import { Derived } from '../cache';

/** Secrets are decoded when a proxy asks for one, and once. */
export class SecretsReader {
  private readonly decoded = new Derived((secret: Resource): SecretData => ({ entries: readEntries(secret) }));
  private readonly indexes = new Derived((secrets: ResourceMap): SecretIndex => ({
    get: (namespace, name) => {
      const resource = secrets.get(resourceKey(namespace, name));
      return resource && this.decoded.of(resource);
    },
  }));

  public read(secrets: ResourceMap): SecretIndex {
    return this.indexes.of(secrets);
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
