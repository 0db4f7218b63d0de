import type { GatewaySpec, ListenerSetSpec } from '../../../gateway-api';
import { allowedSets, parentOfSet } from '../../../gateway-api';
import { Place } from '../../../model/place';
import type { Problem } from '../../../model/problem';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { Condition } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import type { GatewayReading } from './gateway';
import { programmed, readListeners, standingPorts } from './gateway';
import type { ListenerOwner, World } from './world';

export interface ListenerSetReading extends ListenerOwner {
  readonly resource: Resource;
  readonly conditions: readonly Condition[];
  readonly problems: readonly Problem[];
}

/** Listeners that others than its owner add to a Gateway, where it allows that. */
export function readListenerSet(resource: Resource, world: World): ListenerSetReading {
  const problems: Problem[] = [];
  const at = Place.of(refOf(resource), problems).at('spec');
  const key = parentOfSet(resource);
  const gateway = key === undefined ? undefined : world.gateway(key);
  const parent = key === undefined ? undefined : world.parent('Gateway', key) as GatewayReading | undefined;
  const nothing = { resource, ours: false, listeners: [], conditions: [], problems };
  if (!gateway || !parent) {
    at.at('parentRef').problem(`there is no Gateway ${key ?? ''}: correct the name, or add it`);
    return nothing;
  }
  if (!parent.ours) {
    return nothing;
  }
  if (parent.services.length === 0) {
    return { ...nothing, ours: true, conditions: refusal(parent) };
  }
  const spec = gateway.spec as GatewaySpec;
  const allowed = allowedSets(gateway, () => world.namespaces());
  if (allowed && !allowed.has(resource.metadata.namespace)) {
    const message = "The parent Gateway does not allow this reference; check the 'spec.allowedListeners'";
    at.at('parentRef').problem(`the Gateway ${key} does not take ListenerSets of namespace ${resource.metadata.namespace}: set its spec.allowedListeners`);
    return { ...nothing, ours: true, conditions: [fails('Accepted', 'NotAllowed', message), fails('Programmed', 'NotAllowed', message)] };
  }
  const sets = world.listenerSetsOf(key ?? '');
  const older = sets.slice(0, sets.indexOf(resource)).filter(({ metadata }) => allowed?.has(metadata.namespace) ?? true);
  const earlier = [...spec.listeners, ...older.flatMap((one) => (one.spec as ListenerSetSpec).listeners)];
  const { services } = parent;
  const listeners = readListeners((resource.spec as ListenerSetSpec).listeners, { owner: resource, gateway, services, world, earlier }, at);
  const accepted = listeners.some((one) => one.gateway);
  return {
    ...nothing,
    ours: true,
    listeners,
    conditions: [
      accepted ? holds('Accepted', 'Accepted', 'Resource accepted') : fails('Accepted', 'ListenersNotValid', 'No listener is valid'),
      accepted ? programmed(services, standingPorts(listeners), world) : fails('Programmed', 'ListenersNotValid', "None of the ListenerSet's listeners are valid"),
    ],
  };
}

/** Why nothing can be added to a Gateway without addresses. */
function refusal({ conditions }: GatewayReading): Condition[] {
  const accepted = conditions.find((one) => one.type === 'Accepted');
  const [reason, message] = accepted?.status === 'False' ? [accepted.reason, `Parent not accepted: ${accepted.message}`]
    : ['NotAllowed', 'ListenerSets are only supported for Gateways that Istio deploys'];
  return [fails('Accepted', reason, message), fails('Programmed', reason, message)];
}
