import {
  ApiObject, ImplicitTokenResolver, Lazy, LazyResolver, NumberStringUnionResolver, type ApiObjectMetadataDefinition, type App,
} from 'cdk8s';
import { isPlain, type Plain } from './merge';
import { patchesOf, propsOf } from './object-internals';

const BUILT_IN: ReadonlySet<unknown> = new Set([LazyResolver, ImplicitTokenResolver, NumberStringUnionResolver]);

const METADATA = ['name', 'namespace', 'labels', 'annotations', 'finalizers', 'ownerReferences'];

/**
 * What an object's `toJson` returns, made in one walk. cdk8s walks twice over every object and, for each value in it, up the whole tree; that
 * is most of what a large App would pay for constructs that are deep in it. Undefined where cdk8s has to do it: for patches, resolvers of the
 * user, values that are not plain, and whatever goes wrong, because it words the error.
 */
export function printPlain(object: ApiObject): Plain | undefined {
  if (patchesOf(object) > 0 || process.env.CDK8S_DISABLE_SORT || !hasBuiltInResolvers(object.node.root as App)) {
    return undefined;
  }
  try {
    const { apiVersion, kind, metadata: _, ...fields } = propsOf(object);
    return { apiVersion, kind, metadata: printMetadata(object.metadata), ...copyOf(fields) as Plain };
  } catch {
    return undefined;
  }
}

/** An object of ours that nobody makes but us. */
export class MeshObject extends ApiObject {
  override toJson(): unknown {
    return printPlain(this) ?? super.toJson();
  }
}

function hasBuiltInResolvers({ resolvers }: App): boolean {
  return resolvers?.every((resolver) => BUILT_IN.has(resolver.constructor));
}

/** What `metadata.toJson` returns: of metadata, and of nothing else, cdk8s leaves out what is empty. */
function printMetadata(metadata: ApiObjectMetadataDefinition): unknown {
  const given: unknown = Reflect.get(metadata, '_additionalAttributes');
  if (!isPlain(given)) {
    return metadata.toJson();
  }
  const own = METADATA.map((field) => [field, Reflect.get(metadata, field) as unknown]);
  return copyOf({ ...given, ...Object.fromEntries(own) as Plain }, true);
}

/** A copy as cdk8s makes it: keys in order, nothing undefined or null in objects, late values made. */
function copyOf(value: unknown, dropsEmpty = false): unknown {
  if (value === null || value === undefined) {
    return undefined;
  }
  if (typeof value !== 'object' && typeof value !== 'function') {
    return value;
  }
  if (Array.isArray(value)) {
    return dropsEmpty && value.length === 0 ? undefined : value.map((item) => copyOf(item, dropsEmpty));
  }
  if (value instanceof Lazy) {
    return copyOf(value.produce(), dropsEmpty);
  }
  return copyOfObject(value as Plain, dropsEmpty);
}

function copyOfObject(object: Plain, dropsEmpty: boolean): Plain | undefined {
  if (object.constructor !== Object || typeof object.resolve === 'function') {
    throw new TypeError('cdk8s knows what to do with it');
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) {
    const value = copyOf(object[key], dropsEmpty);
    if (value !== undefined) {
      copy[key] = value;
    }
  }
  return dropsEmpty && Object.keys(copy).length === 0 ? undefined : copy;
}
