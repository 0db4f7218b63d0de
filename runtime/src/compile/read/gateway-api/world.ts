import type { Gateway } from '../../../model/listener';
import type { EndpointIndex } from '../../../model/mesh';
import type { Resource } from '../../../model/resource';
import type { Service } from '../../../model/service';
import type { ResourceMap } from '../../../model/snapshot';
import type { Condition } from '../../../model/status';

/** Kinds of routes, by their names in the Gateway API. */
export type RouteKind = 'HTTPRoute' | 'GRPCRoute' | 'TLSRoute' | 'TCPRoute';

/** One listener of a Gateway or a ListenerSet, as routes see it. */
export interface Listener {
  readonly section: string;
  readonly port: number;
  readonly protocol: string;
  /** As the user wrote it; empty: every host. */
  readonly hostname: string;
  /** Namespaces whose routes may attach; undefined: all. */
  readonly namespaces?: ReadonlySet<string>;
  readonly kinds: readonly RouteKind[];
  /** `namespace/name` of the Gateway that Istio makes of it. */
  readonly internalName: string;
  /** TLS ends here. */
  readonly terminates: boolean;
  /** Undefined where the listener cannot be. */
  readonly gateway?: Gateway;
  /** Neither in conflict nor wrong. One that is valid may wait for certificates still. */
  readonly valid: boolean;
  /** It has its port, even if its certificates are wrong. */
  readonly standing: boolean;
  readonly conditions: readonly Condition[];
}

/** Whoever has listeners. */
export interface ListenerOwner {
  readonly listeners: readonly Listener[];
  /** Some other controller's, or nobody's. */
  readonly ours: boolean;
}

/** What objects of the Gateway API refer to. Keys are `namespace/name`. */
export interface World {
  gateway(key: string): Resource | undefined;
  listenerSet(key: string): Resource | undefined;
  /** The ListenerSets that name a Gateway, oldest first. */
  listenerSetsOf(gateway: string): readonly Resource[];
  /** BackendTLSPolicies for a target, the one that holds first. */
  policiesFor(target: string): readonly Resource[];
  gatewayClass(name: string): Resource | undefined;
  /** The listeners of a Gateway or ListenerSet; undefined where there is none of that name. */
  parent(kind: string, key: string): ListenerOwner | undefined;
  namespaces(): ResourceMap;
  secret(key: string): Resource | undefined;
  configMap(key: string): Resource | undefined;
  serviceEntry(key: string): Resource | undefined;
  /** The service of a full host name. */
  service(host: string): Service | undefined;
  /** Whether pods are behind the service of that host. */
  hasEndpoints(host: string): boolean;
  /** Whether a ReferenceGrant lets `fromKind` of `fromNamespace` refer to `kind` `key`. */
  granted(fromKind: string, fromNamespace: string, kind: string, key: string): boolean;
}

/** What a World is made of. */
export interface WorldInput {
  readonly kinds: (groupKind: string) => ResourceMap;
  readonly servicesByHost: ReadonlyMap<string, readonly Service[]>;
  readonly endpoints: EndpointIndex;
}
