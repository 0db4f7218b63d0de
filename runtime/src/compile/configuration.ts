import { encodeResource } from '../envoy';
import type { Configuration, EncodedResource, TypeUrl } from '../model/configuration';
import { TYPE_URLS } from '../model/configuration';

export type Encoded = ReadonlyMap<string, EncodedResource>;

const MESSAGES = {
  cluster: 'Cluster', endpoint: 'ClusterLoadAssignment', listener: 'Listener', route: 'RouteConfiguration', secret: 'Secret',
  extension: 'TypedExtensionConfig',
} as const;

export type ResourceKind = keyof typeof MESSAGES;

/** Encodes one resource: its bytes are what proxies of a class share. */
export function encodeOne(kind: ResourceKind, name: string, message: object): EncodedResource {
  return encodeResource(MESSAGES[kind], name, message);
}

/** By name; of several with one name the first, since Envoy knows a resource by its name alone. */
export function byResourceName(resources: Iterable<EncodedResource>): Encoded {
  const all = new Map<string, EncodedResource>();
  for (const resource of resources) {
    if (!all.has(resource.name)) {
      all.set(resource.name, resource);
    }
  }
  return all;
}

export function configurationOf(parts: Readonly<Record<ResourceKind, Encoded>>): Configuration {
  return new Map<TypeUrl, Encoded>(Object.entries(parts).map(([kind, resources]) => [TYPE_URLS[kind as ResourceKind], resources]));
}
