import { Lazy, type ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { AppRegistry } from './app-registry';

const PRODUCERS = new WeakMap<object, () => unknown>();

/**
 * A spec that is made when its object is checked or printed, and made again only if a construct of the App added something since. cdk8s
 * resolves such values anywhere in an object; its types do not say so.
 */
export function lateSpec<S extends object>(scope: IConstruct, produce: () => S): S {
  const registry = AppRegistry.of(scope);
  let made: { readonly at: number; readonly spec: S } | undefined;
  const current = (): S => {
    if (made?.at !== registry.changes) {
      made = { at: registry.changes, spec: produce() };
    }
    return made.spec;
  };
  const lazy = Lazy.any({ produce: current }) as S;
  PRODUCERS.set(lazy, current);
  return lazy;
}

/** The spec of an object that was given a late one, without the cost of printing the object; undefined for all other objects. */
export function producedSpec(object: ApiObject): unknown {
  const props = Reflect.get(object, 'props') as { readonly spec?: object } | undefined;
  return typeof props?.spec === 'object' ? PRODUCERS.get(props.spec)?.() : undefined;
}
