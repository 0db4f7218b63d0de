import { GATEWAY_API } from '../../../gateway-api';
import { covers, isWildcard, overlaps, serviceHost } from '../../../model/host';
import type { Place } from '../../../model/place';
import { MESH_GATEWAY } from '../../../model/route';
import type { ParentRef } from '../../../model/status';
import type { Fault } from './references';
import type { Listener, RouteKind, World } from './world';

const NETWORKING = 'networking.istio.io';

/** What all kinds of routes say about where they belong. */
export interface RouteSpec {
  readonly parentRefs?: readonly Partial<ParentRef>[];
  readonly hostnames?: readonly string[];
}

/** One place where a route belongs, or why it does not. A reference to a Gateway is one for each of its listeners. */
export interface Parent {
  readonly ref: ParentRef;
  /** Of the reference in `spec.parentRefs`. */
  readonly index: number;
  /** `mesh`, or the Gateway of the listener. */
  readonly gateway: string;
  readonly listener?: Listener;
  /** Of a Service or ServiceEntry: its hosts. */
  readonly hosts: readonly string[];
  readonly denied?: Fault;
  /** Hostnames of other listeners on the same port: they take what is more theirs. */
  readonly others: readonly string[];
}

export interface RouteIdentity {
  readonly kind: RouteKind;
  readonly namespace: string;
}

export function parentsOf(spec: RouteSpec, route: RouteIdentity, world: World, place: Place): Parent[] {
  return (spec.parentRefs ?? []).flatMap((given, index) => {
    const at = place.at('parentRefs').at(index);
    const ref: ParentRef = { group: GATEWAY_API, kind: 'Gateway', namespace: route.namespace, ...withoutUndefined(given), name: given.name ?? '' };
    const parents = findParents(ref, index, { ...route, hostnames: spec.hostnames ?? [] }, world, at);
    if (parents.length > 0 && parents.every((one) => one.denied)) {
      at.problem(`${mostTelling(parents.flatMap((one) => one.denied ?? [])).message}: the route is not attached`);
    }
    return parents;
  });
}

/** The most telling reason comes first: that some other listener has another name says little. */
const RANKS: readonly string[] = ['NotAllowedByListeners', 'NoMatchingListenerHostname', 'NoMatchingParent'];

/** Of the reasons of all listeners: those that are alike are joined. */
export function mostTelling(denials: readonly Fault[]): Fault {
  const reason = RANKS.find((rank) => denials.some((one) => one.reason === rank)) ?? denials[0].reason;
  return { reason, message: [...new Set(denials.filter((one) => one.reason === reason).map((one) => one.message))].join('; '), path: '' };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== null)) as T;
}

type Route = RouteIdentity & { readonly hostnames: readonly string[] };

// eslint-disable-next-line max-params
function findParents(ref: ParentRef, index: number, route: Route, world: World, at: Place): Parent[] {
  const key = `${ref.namespace}/${ref.name}`;
  if ((ref.group === '' && ref.kind === 'Service') || (ref.group === NETWORKING && ref.kind === 'ServiceEntry')) {
    return [{ ref, index, gateway: MESH_GATEWAY, others: [], ...meshHosts(ref, key, world) }];
  }
  if (ref.group !== GATEWAY_API || (ref.kind !== 'Gateway' && ref.kind !== 'ListenerSet')) {
    at.problem(`${ref.group}/${ref.kind} is no Gateway, ListenerSet, Service or ServiceEntry: it is left to other controllers`, 'warning');
    return [];
  }
  const owner = world.parent(ref.kind, key);
  if (!owner) {
    at.problem(`there is no ${ref.kind} ${key}: correct the name, or add it`);
    return [];
  }
  const listeners = owner.ours ? owner.listeners : [];
  return listeners.map((listener) => ({
    ref,
    index,
    gateway: listener.internalName,
    listener,
    hosts: [],
    denied: denial(ref, listener, route),
    others: listeners.filter((one) => one !== listener && one.port === listener.port && one.protocol === listener.protocol && one.hostname !== listener.hostname)
      .map((one) => one.hostname),
  }));
}

function meshHosts(ref: ParentRef, key: string, world: World): Pick<Parent, 'hosts' | 'denied'> {
  const missing = (what: string): Pick<Parent, 'hosts' | 'denied'> =>
    ({ hosts: [], denied: { reason: 'NoMatchingParent', message: `parent ${what}: "${ref.name}" not found`, path: '' } });
  if (ref.kind === 'ServiceEntry') {
    const entry = world.serviceEntry(key);
    return entry ? { hosts: (entry.spec as { hosts?: string[] }).hosts ?? [] } : missing('service entry');
  }
  const host = serviceHost(ref.name, ref.namespace);
  return world.service(host) ? { hosts: [host] } : missing('service');
}

/** Why a route may not attach to a listener, in Istio's words. */
function denial(ref: ParentRef, listener: Listener, { kind, namespace, hostnames }: Route): Fault | undefined {
  const fault = (reason: string, message: string): Fault => ({ reason, message, path: '' });
  if (ref.port !== undefined && ref.port !== listener.port) {
    return fault('NoMatchingParent', `port ${ref.port} not found`);
  }
  if (ref.sectionName !== undefined && ref.sectionName !== listener.section) {
    return fault('NoMatchingParent', `sectionName "${ref.sectionName}" not found`);
  }
  const wanted = hostnames.length > 0 ? hostnames : ['*'];
  if (!wanted.some((host) => overlaps(host, listener.hostname || '*'))) {
    return fault('NoMatchingListenerHostname', `no hostnames matched parent hostname "${listener.hostname}"`);
  }
  if (listener.namespaces && !listener.namespaces.has(namespace)) {
    return fault('NotAllowedByListeners', `hostnames matched parent hostname "${listener.hostname}", but namespace "${namespace}" is not allowed by the parent`);
  }
  return listener.kinds.includes(kind) ? undefined : fault('NotAllowedByListeners', `kind ${GATEWAY_API}/${kind} is not allowed`);
}

/** Whether a listener serves a hostname of a route itself: a listener with a name that fits better takes it away. */
export function servedBy({ listener, others }: Parent, host: string): boolean {
  const own = listener?.hostname ?? '';
  if (own !== '' && !isWildcard(own)) {
    return true;
  }
  return (own === '' || overlaps(host, own))
    && !others.some((other) => other !== '' && other.length >= own.length && covers(other, host));
}
