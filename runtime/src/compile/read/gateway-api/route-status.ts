import type { ResourceRef } from '../../../model/problem';
import type { ObjectStatus, ParentRef } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import type { Parent } from './parents';
import { mostTelling } from './parents';
import type { Fault } from './references';

/** One status for every reference that a controller of ours looks after. */
export function routeStatuses(resource: ResourceRef, parents: readonly Parent[], faultFor: (parent: Parent) => Fault | undefined): ObjectStatus[] {
  const byRef = new Map<ParentRef, Parent[]>();
  parents.forEach((one) => byRef.set(one.ref, [...byRef.get(one.ref) ?? [], one]));
  return [...byRef].map(([ref, all]) => {
    const fault = faultFor(all[0]);
    return {
      resource,
      part: { of: 'parent', ref },
      conditions: [
        accepted(all),
        fault ? fails('ResolvedRefs', fault.reason, fault.message) : holds('ResolvedRefs', 'ResolvedRefs', 'All references resolved'),
      ],
    };
  });
}

/** Accepted by one listener is accepted; otherwise the reasons of all that are alike are joined. */
function accepted(parents: readonly Parent[]): ObjectStatus['conditions'][number] {
  const bound = parents.filter((one) => !one.denied).length;
  if (bound > 0) {
    return holds('Accepted', 'Accepted', bound > 1 ? `Route was valid, bound to ${bound} parents` : 'Route was valid');
  }
  const { reason, message } = mostTelling(parents.flatMap((one) => one.denied ?? []));
  return fails('Accepted', reason, message);
}
