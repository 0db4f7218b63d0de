import type { ApiObject } from 'cdk8s';

/** A printed object. */
export interface PrintedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
}

/** Prints an object, patches included, once however many checks ask for it. */
export type Print = (object: ApiObject) => PrintedObject;

/** Where `kubectl apply` puts an object. */
export function namespaceOf({ metadata }: Pick<ApiObject, 'metadata'> | PrintedObject): string {
  return metadata.namespace ?? 'default';
}
