import { Lazy, type ApiObject } from 'cdk8s';

const PRODUCERS = new WeakMap<object, () => unknown>();

/** A spec that is made when its object is printed. cdk8s resolves such values anywhere in an object; its types do not say so. */
export function lateSpec<S extends object>(produce: () => S): S {
  const lazy = Lazy.any({ produce }) as S;
  PRODUCERS.set(lazy, produce);
  return lazy;
}

/** The spec of an object that was given a late one, without the cost of printing the object; undefined for all other objects. */
export function producedSpec(object: ApiObject): unknown {
  const props = Reflect.get(object, 'props') as { readonly spec?: object } | undefined;
  return typeof props?.spec === 'object' ? PRODUCERS.get(props.spec)?.() : undefined;
}
