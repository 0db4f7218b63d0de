import type { GatewaySpec } from '../../../imports/gateway-api/gateway.types';
import type { ListenerSetSpec } from '../../../imports/gateway-api/listener-set.types';
import type { Resource } from '../model/resource';
import type { ResourceMap } from '../model/snapshot';
import { GATEWAY_API } from './kinds';
import { allowedNamespaces } from './namespaces';

/** Gives the Deployment and Service of a Gateway another name than `<gateway>-<class>`. */
export const NAME_OVERRIDE = 'gateway.istio.io/name-override';

export function deployedName({ metadata: { name, annotations }, spec }: Resource): string {
  return annotations?.[NAME_OVERRIDE] || defaultName(name, spec as GatewaySpec);
}

export function defaultName(name: string, { gatewayClassName }: GatewaySpec): string {
  return `${name}-${gatewayClassName}`;
}

/** Whether the Gateway is deployed for its user. One IP address is what its Service shall have. */
export function isManaged({ spec }: Resource): boolean {
  const { addresses = [] } = spec as GatewaySpec;
  return addresses.length === 0 || (addresses.length === 1 && (addresses[0].type ?? 'IPAddress') === 'IPAddress');
}

/** Namespaces whose ListenerSets a Gateway takes; undefined: all. */
export function allowedSets({ spec, metadata: { namespace } }: Resource, namespaces: () => ResourceMap): ReadonlySet<string> | undefined {
  return allowedNamespaces({ from: 'None', ...(spec as GatewaySpec).allowedListeners?.namespaces }, namespace, namespaces);
}

/** `namespace/name` of the Gateway that a ListenerSet adds to. */
export function parentOfSet({ metadata: { namespace }, spec }: Resource): string | undefined {
  const { parentRef: { group = GATEWAY_API, kind = 'Gateway', name, namespace: other } } = spec as ListenerSetSpec;
  return group === GATEWAY_API && kind === 'Gateway' ? `${other ?? namespace}/${name}` : undefined;
}
