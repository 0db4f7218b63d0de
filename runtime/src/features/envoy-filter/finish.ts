import type { Cluster, Listener, RouteConfiguration } from '../../envoy';
import type { Problem } from '../../model/problem';
import type { Proxy, Side } from '../../model/proxy';
import type { Finisher, FinishingPlan } from '../finisher';
import type { Patch, PatchSet, Subject } from './model';
import { bootstrapPatch, lateProblems, notStartedWith } from './finish-bootstrap';
import { patchCluster } from './finish-cluster';
import { patchListener } from './finish-listener';
import { PatchPlan } from './finish-plan';
import { patchRoutes } from './finish-routes';
import { readEnvoyFilter } from './read';
import { patchesFor } from './finish-selection';

/** Subjects by the kind of resource in which they are. Routes stand in listeners too: those of inbound requests. */
const SUBJECTS: Readonly<Record<'cluster' | 'listener' | 'route' | 'extension', readonly Subject[]>> = {
  cluster: ['CLUSTER'],
  listener: ['LISTENER', 'LISTENER_FILTER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER', 'ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE'],
  route: ['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE'],
  extension: ['EXTENSION_CONFIG'],
};

class EnvoyFilterPlan implements FinishingPlan {
  public readonly touched: FinishingPlan['touched'];
  public readonly problems: FinishingPlan['problems'];

  public constructor(private readonly plan: PatchPlan, late: readonly Problem[]) {
    this.problems = [...plan.problems, ...late];
    this.touched = new Set((Object.keys(SUBJECTS) as (keyof typeof SUBJECTS)[]).filter((kind) => plan.touches(...SUBJECTS[kind])));
  }

  public cluster(cluster: Cluster, side: Side, hosts: readonly string[]): Cluster | undefined {
    return patchCluster(cluster, { plan: this.plan, side, hosts });
  }

  public listener(listener: Listener, side: Side): Listener | undefined {
    return patchListener(listener, this.plan, side);
  }

  public route(table: RouteConfiguration, side: Side, servers: ReadonlyMap<number, readonly number[]>): RouteConfiguration {
    return patchRoutes(table, { plan: this.plan, side, servers });
  }

  /** Of a sidecar, what says no side is added once: to the outbound one. */
  public added(sides: readonly Side[]): ReturnType<FinishingPlan['added']> {
    const { plan } = this;
    const from = <S extends Subject>(subject: S) => sides.flatMap((side) => plan.of(subject, side)
      .filter((patch) => patch.operation === 'ADD' && (patch.side !== undefined || side !== 'SIDECAR_INBOUND')).map(({ value }) => value));
    return { clusters: from('CLUSTER'), listeners: from('LISTENER'), extensions: from('EXTENSION_CONFIG') };
  }
}

export const envoyFilterFinisher: Finisher<Patch> = {
  groupKind: 'networking.istio.io/EnvoyFilter',
  read: readEnvoyFilter,
  choose: (objects, proxy: Proxy, rootNamespace) => notStartedWith(patchesFor(objects as readonly PatchSet[], proxy, rootNamespace), proxy),
  plan: (patches) => new EnvoyFilterPlan(new PatchPlan(patches), lateProblems(patches)),
  bootstrap: (objects, proxy, rootNamespace) => bootstrapPatch(objects as readonly PatchSet[], proxy, rootNamespace),
};
