import type { ResourceRef } from '../../../model/problem';
import type { ObjectStatus, ParentRef } from '../../../model/status';
import { fails, holds } from '../../../model/status';
import type { Parent } from './parents';
import type { Fault } from './references';

/** The most telling reason comes first: that some other listener has another name says little. */
const RANKS: readonly string[] = ['NotAllowedByListeners', 'NoMatchingListenerHostname', 'NoMatchingParent'];

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
  const denials = parents.flatMap((one) => one.denied ?? []);
  const reason = RANKS.find((rank) => denials.some((one) => one.reason === rank)) ?? denials[0].reason;
  return fails('Accepted', reason, [...new Set(denials.filter((one) => one.reason === reason).map((one) => one.message))].join('; '));
}
