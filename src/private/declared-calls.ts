import type { IConstruct } from 'constructs';
import type { AccessCaller } from '../access-rule';
import type { ICallable, IMeshService } from '../mesh-member';
import { AppRegistry } from './app-registry';

/**
 * Everybody whose calls reach a service by what the App declares: those who say so, the callers of services whose rules send requests or copies
 * of them there, and those who have to ask it as an authorizer.
 */
export function callersOf(service: IMeshService): AccessCaller[] {
  const found = new Set<AccessCaller>();
  collect(service, found, new Set());
  return [...found];
}

function collect(callable: ICallable, found: Set<AccessCaller>, seen: Set<ICallable>): void {
  if (seen.has(callable)) {
    return;
  }
  seen.add(callable);
  const { calls, questions, services, gateways } = AppRegistry.of(callable);
  calls.filter(({ callee }) => callee === callable).forEach(({ caller }) => found.add(caller));
  for (const { place } of questions.filter(({ authorizer }) => authorizer === callable)) {
    [...services, ...gateways].filter((subject) => place.covers(subject)).forEach((subject) => found.add(subject));
  }
  const detours = new Set(calls.map(({ callee }) => callee));
  for (const other of detours) {
    if (other.rules.some((rules) => rules.otherHosts().some((host) => callable.hosts.includes(host)))) {
      collect(other, found, seen);
    }
  }
}

/** Services that declare to call some external services. */
export function callersOutside(externals: readonly ICallable[], construct: IConstruct): AccessCaller[] {
  return [...new Set(AppRegistry.of(construct).calls.filter(({ callee }) => externals.includes(callee)).map(({ caller }) => caller))];
}
