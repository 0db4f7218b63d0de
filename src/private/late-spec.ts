import { Lazy, type ApiObject, type IAnyProducer } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { AppRegistry } from './app-registry';
import { propsOf } from './object-internals';

/**
 * A spec that is made when its object is checked or printed, and made again only if a construct of the App added something since. cdk8s
 * resolves such values anywhere in an object; its types do not say so.
 */
export function lateSpec<S extends object>(scope: IConstruct, make: () => S): S {
  return Lazy.any(new LateSpec(AppRegistry.of(scope), make)) as S;
}

class LateSpec<S extends object> implements IAnyProducer {
  private made?: S;
  private madeAt = -1;

  constructor(private readonly registry: AppRegistry, private readonly make: () => S) {}

  produce(): S {
    if (this.made === undefined || this.madeAt !== this.registry.changes) {
      this.madeAt = this.registry.changes;
      this.made = this.make();
    }
    return this.made;
  }
}

/** The spec of an object that was given a late one, without the cost of printing the object; undefined for all other objects. */
export function producedSpec(object: ApiObject): unknown {
  const { spec } = propsOf(object);
  const producer: unknown = spec instanceof Lazy ? Reflect.get(spec, 'producer') : undefined;
  return producer instanceof LateSpec ? producer.produce() : undefined;
}
