import { isWildcard } from '../model/host';
import { changeOf } from './list-change';
import type { Scope } from './scope';

/** Beyond this many, all of it is looked through. */
const MAX_HOSTS = 100;

/** The hosts whose rules are others than before; undefined: more is different, or there is no telling which hosts are concerned. */
export function editedHosts(before: Scope, after: Scope): ReadonlySet<string> | undefined {
  if (before.destinations !== after.destinations || before.outboundTrafficPolicy !== after.outboundTrafficPolicy || before.egress.length !== after.egress.length) {
    return undefined;
  }
  const hosts = new Set<string>();
  for (const [i, { listener, services, rules }] of after.egress.entries()) {
    const old = before.egress[i];
    if (old.listener !== listener || old.services !== services) {
      return undefined;
    }
    const { gone, come } = changeOf(old.rules.all, rules.all);
    [...gone, ...come].forEach((rule) => rule.hosts.forEach((host) => hosts.add(host)));
  }
  return hosts.size > MAX_HOSTS || [...hosts].some(isWildcard) ? undefined : hosts;
}
