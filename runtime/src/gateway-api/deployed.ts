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

/**
 * Why Kubernetes would refuse what is deployed for a Gateway: its name is that of a Service, and a value of a label. A Gateway's own may be
 * longer, and have dots. Istio does not shorten it: https://github.com/istio/istio/issues/58941.
 */
export function nameFault(gateway: Resource): string | undefined {
  const { name } = gateway.metadata;
  const deployed = deployedName(gateway);
  if (name.length > 63) {
    return `has ${name.length} characters, and it is the value of the label gateway.networking.k8s.io/gateway-name of its pods: use at most 63`;
  }
  return SERVICE_NAME.test(deployed) ? undefined : `its Service would be called "${deployed}", which has ${deployed.length} characters: use a name so that there are at most 63 `
    + `lower-case letters, digits and hyphens, beginning with a letter, or give the Service another name by the annotation ${NAME_OVERRIDE}`;
}

/** RFC 1035, as Kubernetes checks it: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names */
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

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
