import type { BackendTLSPolicySpec } from '../../../gateway-api';
import { GATEWAY_API, parentOfSet } from '../../../gateway-api';
import type { Resource } from '../../../model/resource';
import { refOf } from '../../../model/resource';
import type { ObjectStatus } from '../../../model/status';
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
  const sets = attachedSets(owners);
  return [
    ...classes.flatMap(classStatus),
    ...owners.flatMap((owner) => ownerStatuses(owner, attached, sets)),
    ...routes.flatMap((one) => one.statuses),
    ...policyStatuses(policies, callersOf(routes, owners)),
  ];
}

/** ListenerSets with at least one listener that works, by the Gateway that they add to. */
function attachedSets(owners: StatusInput['owners']): ReadonlyMap<string, number> {
  const sets = new Map<string, number>();
  for (const { resource, listeners } of owners) {
    const gateway = resource.kind === 'ListenerSet' && listeners.some((one) => one.valid) ? parentOfSet(resource) : undefined;
    gateway !== undefined && sets.set(gateway, (sets.get(gateway) ?? 0) + 1);
  }
  return sets;
}

function ownerStatuses(owner: GatewayReading | ListenerSetReading, attached: ReadonlyMap<string, number>, sets: ReadonlyMap<string, number>): ObjectStatus[] {
  const resource = refOf(owner.resource);
  const addresses = 'services' in owner ? owner.services : [];
  const attachedListenerSets = resource.kind === 'Gateway' ? sets.get(keyOf(owner.resource)) : undefined;
  return [
    ...owner.conditions.length > 0 ? [{ resource, part: { of: 'object' as const, ...(addresses.length > 0 && { addresses }), ...(attachedListenerSets && { attachedListenerSets }) }, conditions: owner.conditions }] : [],
    ...owner.listeners.map((listener): ObjectStatus => ({
      resource,
      part: { of: 'listener', name: listener.section, attachedRoutes: attached.get(listener.internalName) ?? 0, supportedKinds: listener.kinds },
      conditions: listener.conditions,
    })),
  ];
}

interface RouteReferences {
  readonly parentRefs?: readonly Reference[];
  readonly rules?: readonly { readonly backendRefs?: readonly Reference[] }[];
}

interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** The Gateways whose routes lead to a backend, by its kind and key. */
function callersOf(routes: readonly RouteReading[], owners: StatusInput['owners']): ReadonlyMap<string, ReadonlySet<string>> {
  const gateways = new Set(owners.flatMap(({ resource, ours }) => (resource.kind === 'Gateway' && ours ? [keyOf(resource)] : [])));
  const callers = new Map<string, Set<string>>();
  for (const { resource: { spec, metadata: { namespace } } } of routes) {
    const { parentRefs = [], rules = [] } = spec as RouteReferences;
    const parents = parentRefs.filter(({ group = GATEWAY_API, kind = 'Gateway' }) => group === GATEWAY_API && kind === 'Gateway')
      .map((one) => `${one.namespace ?? namespace}/${one.name}`).filter((key) => gateways.has(key));
    for (const { kind = 'Service', namespace: other = namespace, name } of rules.flatMap(({ backendRefs = [] }) => backendRefs)) {
      const key = `${kind} ${other}/${name}`;
      callers.set(key, new Set([...callers.get(key) ?? [], ...parents]));
    }
  }
  return callers;
}

/** What a policy is for, and the Gateways that it reaches that way. https://gateway-api.sigs.k8s.io/reference/spec/#policyancestorstatus */
function policyStatuses(policies: readonly PolicyReading[], callers: ReadonlyMap<string, ReadonlySet<string>>): ObjectStatus[] {
  return policies.flatMap(({ resource, statuses }) => {
    const ref = refOf(resource);
    const targets = (resource.spec as BackendTLSPolicySpec).targetRefs.map(({ kind, name }) => `${kind} ${ref.namespace}/${name}`);
    const gateways = [...new Set(targets.flatMap((target) => [...callers.get(target) ?? []]))].sort();
    return [...statuses, ...gateways.map((key): ObjectStatus => {
      const reached = statuses.filter((_, i) => callers.get(targets[i])?.has(key));
      const [namespace, name] = key.split('/');
      const { conditions } = reached.find((one) => one.conditions.some(({ status }) => status === 'False')) ?? reached[0];
      return { resource: ref, part: { of: 'parent', ref: { group: GATEWAY_API, kind: 'Gateway', namespace, name } }, conditions };
    })];
  });
}

function keyOf({ metadata: { namespace, name } }: Resource): string {
  return `${namespace}/${name}`;
}
