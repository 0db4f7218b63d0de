import { GATEWAY_API } from '../../../gateway-api';
import type { World } from './world';

/** Something wrong, in the words of Istio's conditions, and where the user wrote it. */
export interface Fault {
  readonly reason: string;
  readonly message: string;
  /** Below the place that is read; empty: there. */
  readonly path: string;
}

export interface ObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

/** As Istio prints it: what is left out stays empty, but for defaults of the API. */
export function referenceText({ group = '', kind = 'Secret', name, namespace = '' }: ObjectReference): string {
  return `${group}/${kind}/${name}.${namespace}`;
}

/** Whether an object of the Gateway API may refer to a Secret or a ConfigMap of a namespace. */
export function mayRefer(world: World, from: { readonly kind: string; readonly namespace: string }, kind: string, key: string): boolean {
  return key.startsWith(`${from.namespace}/`) || world.granted(`${GATEWAY_API}/${from.kind}`, from.namespace, `/${kind}`, key);
}
