import type { ApiObject } from 'cdk8s';

/** What an object was made with. cdk8s keeps it to itself. */
export function propsOf(object: ApiObject): Readonly<Record<string, unknown>> {
  return Reflect.get(object, 'props') as Readonly<Record<string, unknown>>;
}

/** How many patches an object has, which tells whether it changed. cdk8s keeps them to itself. */
export function patchesOf(object: ApiObject): number {
  const patches: unknown = Reflect.get(object, 'patches');
  return Array.isArray(patches) ? patches.length : 0;
}
