import type { BackendTLSPolicySpec } from '../../../gateway-api';
import { GATEWAY_API, knownNamespaces, parentOfSet } from '../../../gateway-api';
import type { Resource } from '../../../model/resource';
import type { ResourceMap } from '../../../model/snapshot';
import { Derived, ObjectCache } from '../../cache';
import { grantsOf } from './grants';
import { byRouteAge } from './merge';
import type { ListenerOwner, World, WorldInput } from './world';

const NONE: readonly Resource[] = [];

export function worldOf({ kinds, servicesByHost, endpoints }: WorldInput, read: (kind: string, resource: Resource) => ListenerOwner): World {
  const kind = (name: string): ResourceMap => kinds(`${GATEWAY_API}/${name}`);
  let namespaces: ResourceMap | undefined;
  const service = (host: string) => servicesByHost.get(host)?.[0];
  return {
    gateway: (key) => kind('Gateway').get(key),
    listenerSet: (key) => kind('ListenerSet').get(key),
    listenerSetsOf: (gateway) => setsByGateway.of(kind('ListenerSet')).get(gateway) ?? NONE,
    policiesFor: (target) => policiesByTarget.of(kind('BackendTLSPolicy')).get(target) ?? NONE,
    gatewayClass: (name) => kind('GatewayClass').get(`/${name}`),
    parent: (owner, key) => {
      const resource = kind(owner).get(key);
      return resource && read(owner, resource);
    },
    namespaces: () => (namespaces ??= namespacesOf(kinds('/Namespace'), CALLERS.map(kind))),
    secret: (key) => kinds('/Secret').get(key),
    configMap: (key) => kinds('/ConfigMap').get(key),
    serviceEntry: (key) => kinds('networking.istio.io/ServiceEntry').get(key),
    service,
    hasEndpoints: (host) => {
      const found = service(host);
      return found !== undefined && endpoints.of(found).length > 0;
    },
    granted: (fromKind, fromNamespace, toKind, key) => grantsOf.of(kind('ReferenceGrant')).allow(fromKind, fromNamespace, toKind, key),
  };
}

/** What Gateways let in by its namespace. */
const CALLERS = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'ListenerSet'];

/** The same map as long as the same namespaces are known. */
function namespacesOf(given: ResourceMap, objects: readonly ResourceMap[]): ResourceMap {
  const used = [...new Set(objects.flatMap((map) => [...usedNamespaces.of(map)]))].sort();
  return knownByUse.get(given, [used.join(' ')], () => knownNamespaces(given, used));
}

const usedNamespaces = new Derived((objects: ResourceMap) => new Set([...objects.values()].map((one) => one.metadata.namespace)));
const knownByUse = new ObjectCache<ResourceMap, ResourceMap>(1);

const setsByGateway = new Derived((sets: ResourceMap) => {
  const groups = new Map<string, Resource[]>();
  for (const set of [...sets.values()].sort(byRouteAge)) {
    const gateway = parentOfSet(set);
    if (gateway !== undefined) {
      groups.set(gateway, [...groups.get(gateway) ?? [], set]);
    }
  }
  return groups;
});

export function targetKey({ metadata: { namespace } }: Resource, { kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${namespace}/${kind}/${name}`;
}

/** Istio's own way to leave a policy to another controller. */
export const IGNORE = 'istio.io/ignore-policy-attachment';

const policiesByTarget = new Derived((policies: ResourceMap) => {
  const groups = new Map<string, Resource[]>();
  for (const policy of [...policies.values()].filter((one) => one.metadata.annotations?.[IGNORE] !== 'true').sort(byRouteAge)) {
    for (const key of new Set((policy.spec as BackendTLSPolicySpec).targetRefs.map((ref) => targetKey(policy, ref)))) {
      groups.set(key, [...groups.get(key) ?? [], policy]);
    }
  }
  return groups;
});
