import type { Cluster, Listener, RouteConfiguration, TypedExtensionConfig } from '../envoy';
import type { Place } from '../model/place';
import type { Problem } from '../model/problem';
import type { Proxy, Side } from '../model/proxy';
import type { Resource } from '../model/resource';

/** What is to be done to the finished resources of some proxies. */
export interface FinishingPlan {
  readonly problems: readonly Problem[];
  /** Kinds of resources of which some may change; all others are not looked at. */
  readonly touched: ReadonlySet<'cluster' | 'listener' | 'route' | 'extension'>;
  /** `hosts`: those of the services behind an inbound cluster, whose name does not tell. Undefined: the cluster is gone. */
  cluster(cluster: Cluster, side: Side, hosts: readonly string[]): Cluster | undefined;
  listener(listener: Listener, side: Side): Listener | undefined;
  /** `servers`: the ports of Gateway servers by the port on which the pod listens for them. */
  route(table: RouteConfiguration, side: Side, servers: ReadonlyMap<number, readonly number[]>): RouteConfiguration;
  /** What is there besides. */
  added(sides: readonly Side[]): {
    readonly clusters: readonly Cluster[];
    readonly listeners: readonly Listener[];
    readonly extensions: readonly TypedExtensionConfig[];
  };
}

/** What is done to the configuration with which a proxy starts. */
export interface BootstrapPatch {
  /** For the metadata of the node, so that the control plane knows of it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Protobuf JSON in and out. */
  patch(bootstrap: object): object;
}

/** How a room acts on finished resources, after all others and without their knowledge. */
export interface Finisher<Item extends object = object> {
  /** `group/Kind` of the objects that it reads. */
  readonly groupKind: string;
  readonly read: (resource: Resource, place: Place) => readonly object[];
  /** What of the objects is for a proxy, in order. */
  choose(objects: readonly object[], proxy: Proxy, rootNamespace: string): readonly Item[];
  /** Depends on the chosen items alone. */
  plan(items: readonly Item[]): FinishingPlan;
  /** Of the objects what is to be done before a proxy starts; undefined: nothing. */
  bootstrap?(objects: readonly object[], proxy: Proxy, rootNamespace: string): BootstrapPatch | undefined;
}
