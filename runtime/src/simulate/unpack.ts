import { unpack as decode, type Any } from '../envoy';
import { NotModelled } from './modelled';

/** Configuration is read once, however many calls go through it: nobody changes what is read. */
const read = new WeakMap<Any, object | undefined>();

/** The message in an Any, or undefined for a type that is not known. */
export function unpack(packed: Any): object | undefined {
  if (!read.has(packed)) {
    read.set(packed, decode(packed));
  }
  return read.get(packed);
}

/** What a filter is told to do. */
export function configOf<T extends object>({ name, typedConfig }: { readonly name?: string; readonly typedConfig?: Any }): T {
  const config = typedConfig && unpack(typedConfig);
  if (!config) {
    throw new NotModelled(`configuration of ${name}`);
  }
  return config as T;
}
