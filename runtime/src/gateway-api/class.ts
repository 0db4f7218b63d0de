import type { GatewayClassSpec } from '../../../imports/gateway-api/gateway-class.types';
import type { Resource } from '../model/resource';

/** What Istio does for Gateways of a class: `managed` ones it deploys, `remote` ones stand elsewhere, `waypoint`s are those of ambient mode. */
export type Controller = 'managed' | 'remote' | 'waypoint';

const CONTROLLERS: Readonly<Record<string, Controller>> = {
  'istio.io/gateway-controller': 'managed',
  'istio.io/unmanaged-gateway': 'remote',
  'istio.io/mesh-controller': 'waypoint',
};

/** Classes that Istio makes itself, so that they are there without an object. */
const BUILT_IN: Readonly<Record<string, Controller>> = { istio: 'managed', 'istio-remote': 'remote', 'istio-waypoint': 'waypoint' };

/** `other`: some controller that is not Istio's; undefined: there is no such class. */
export function controllerOf(name: string, gatewayClass: Resource | undefined): Controller | 'other' | undefined {
  if (!gatewayClass) {
    return Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  }
  const { controllerName } = gatewayClass.spec as GatewayClassSpec;
  return Object.hasOwn(CONTROLLERS, controllerName) ? CONTROLLERS[controllerName] : 'other';
}
