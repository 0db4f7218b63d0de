import type { Resource } from '../../../model/resource';
import type { ObjectStatus } from '../../../model/status';
import { refOf } from '../export-to';
import type { PolicyReading } from './backend-tls';
import { classStatus } from './classes';
import type { GatewayReading } from './gateway';
import type { ListenerSetReading } from './listener-set';
import type { RouteReading } from './route';

interface StatusInput {
  readonly classes: readonly Resource[];
  readonly owners: readonly (GatewayReading | ListenerSetReading)[];
  readonly routes: readonly RouteReading[];
  readonly policies: readonly PolicyReading[];
}

/** All conditions, in the order in which one thing depends on another. */
export function statusesOf({ classes, owners, routes, policies }: StatusInput): ObjectStatus[] {
  const attached = new Map<string, number>();
  routes.forEach((route) => route.attached.forEach((name) => attached.set(name, (attached.get(name) ?? 0) + 1)));
  return [
    ...classes.flatMap(classStatus),
    ...owners.flatMap((owner) => ownerStatuses(owner, attached)),
    ...[...routes, ...policies].flatMap((one): readonly ObjectStatus[] => one.statuses),
  ];
}

function ownerStatuses(owner: GatewayReading | ListenerSetReading, attached: ReadonlyMap<string, number>): ObjectStatus[] {
  const resource = refOf(owner.resource);
  const addresses = 'services' in owner ? owner.services : [];
  const attachedListenerSets = 'attachedSets' in owner ? owner.attachedSets : undefined;
  return [
    ...owner.conditions.length > 0 ? [{ resource, part: { of: 'object' as const, ...(addresses.length > 0 && { addresses }), ...(attachedListenerSets && { attachedListenerSets }) }, conditions: owner.conditions }] : [],
    ...owner.listeners.map((listener): ObjectStatus => ({
      resource,
      part: { of: 'listener', name: listener.section, attachedRoutes: attached.get(listener.internalName) ?? 0, supportedKinds: listener.kinds },
      conditions: listener.conditions,
    })),
  ];
}
