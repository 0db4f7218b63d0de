import type { IConstruct } from 'constructs';
import type { AccessCaller } from '../access-rule';
import type { ICallable, IMeshService } from '../mesh-member';
import { AppRegistry } from './app-registry';
import { rulesOf } from './host-rules';

/** Who calls whom, looked up instead of searched: an App may have thousands of services. */
interface CallIndex {
  readonly changes: number;
  readonly callers: ReadonlyMap<ICallable, readonly AccessCaller[]>;
  /** Callables whose rules send requests or copies of them to a host. */
  readonly detours: ReadonlyMap<string, readonly ICallable[]>;
}

const indexes = new WeakMap<AppRegistry, CallIndex>();

/**
 * Everybody whose calls reach a service by what the App declares: those who say so, the callers of services whose rules send requests or copies
 * of them there, and those who have to ask it as an authorizer.
 */
export function callersOf(service: IMeshService): AccessCaller[] {
  const found = new Set<AccessCaller>();
  const registry = AppRegistry.of(service);
  collect(service, found, { registry, index: indexOf(registry), seen: new Set() });
  return [...found];
}

function collect(callable: ICallable, found: Set<AccessCaller>, search: { readonly registry: AppRegistry; readonly index: CallIndex; readonly seen: Set<ICallable> }): void {
  const { registry: { questions, services, gateways }, index, seen } = search;
  if (seen.has(callable)) {
    return;
  }
  seen.add(callable);
  index.callers.get(callable)?.forEach((caller) => found.add(caller));
  for (const { place } of questions.filter(({ authorizer }) => authorizer === callable)) {
    [...services, ...gateways].filter((subject) => place.covers(subject)).forEach((subject) => found.add(subject));
  }
  callable.hosts.flatMap((host) => index.detours.get(host) ?? []).forEach((other) => collect(other, found, search));
}

/** Services that declare to call some external services. */
export function callersOutside(externals: readonly ICallable[], construct: IConstruct): AccessCaller[] {
  const { callers } = indexOf(AppRegistry.of(construct));
  return [...new Set(externals.flatMap((external) => callers.get(external) ?? []))];
}

function indexOf(registry: AppRegistry): CallIndex {
  const known = indexes.get(registry);
  if (known?.changes === registry.changes) {
    return known;
  }
  const callers = new Map<ICallable, AccessCaller[]>();
  registry.calls.forEach(({ caller, callee }) => listIn(callers, callee).push(caller));
  const detours = new Map<string, ICallable[]>();
  for (const callee of callers.keys()) {
    rulesOf(callee).flatMap((rules) => rules.otherHosts()).forEach((host) => listIn(detours, host).push(callee));
  }
  const index = { changes: registry.changes, callers, detours };
  indexes.set(registry, index);
  return index;
}

function listIn<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}
