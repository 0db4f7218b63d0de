import type { Cluster, Listener, RouteConfiguration } from '../envoy';
import { decode } from '../envoy';
import { FINISHERS } from '../features';
import type { Finisher, FinishingPlan } from '../features/finisher';
import type { EncodedResource } from '../model/configuration';
import type { Mesh } from '../model/mesh';
import type { Problem } from '../model/problem';
import type { Proxy, Side } from '../model/proxy';
import { InputCache, ObjectCache } from './cache';
import type { Encoded, ResourceKind } from './configuration';
import { byResourceName, encodeOne } from './configuration';
import { ServiceTargets } from './service-targets';

export type Parts = Readonly<Record<ResourceKind, Encoded>>;

export interface Finished {
  readonly parts: Parts;
  readonly problems: readonly Problem[];
}

type Patchable = 'cluster' | 'listener' | 'route';
const PATCHABLE: readonly Patchable[] = ['cluster', 'listener', 'route'];

/** Lets rooms act on finished resources. What nobody touches stays as it is, byte by byte; what was patched before is not patched again. */
export class FinishCompiler {
  private readonly choices = new InputCache<readonly object[]>();
  private readonly plans = new ObjectCache<readonly object[], FinishingPlan>();
  private readonly resources = new ObjectCache<EncodedResource, readonly EncodedResource[]>();
  private readonly maps = new ObjectCache<Encoded, Encoded>();
  private readonly targets = new ServiceTargets();
  private readonly ports = new InputCache<Ports>(1);

  public finish(mesh: Mesh, proxy: Proxy, given: Parts): Finished {
    return FINISHERS.reduce<Finished>((before, finisher) => {
      const objects = mesh.finishing.get(finisher.groupKind) ?? [];
      const items = objects.length > 0 ? finisher.choose(objects, proxy, mesh.settings.rootNamespace) : [];
      return items.length > 0 ? this.run(finisher, items, { mesh, proxy, before }) : before;
    }, { parts: given, problems: [] });
  }

  private run(finisher: Finisher, items: readonly object[], { mesh, proxy, before: { parts, problems } }: { mesh: Mesh; proxy: Proxy; before: Finished }): Finished {
    // The same list for the same items, so that what is made of it is kept.
    const chosen = this.choices.get(`${finisher.groupKind} ${proxy.namespace} ${proxy.type}`, items, () => items);
    const plan = this.plans.get(chosen, [finisher], () => finisher.plan(chosen));
    const ports = this.portsOf(mesh, proxy);
    const kinds = PATCHABLE.filter((kind) => plan.touched.has(kind));
    const finished: Record<ResourceKind, Encoded> = { ...parts };
    for (const kind of kinds) {
      finished[kind] = this.maps.get(parts[kind], [plan, proxy.type, ports], () => this.patched(kind, parts[kind], { plan, proxy, ports }));
    }
    if (plan.touched.has('extension')) {
      finished.extension = this.maps.get(parts.extension, [plan, proxy.type, 'extension'], () => byResourceName(
        plan.added(sidesOf(proxy)).extensions.map((one) => encodeOne('extension', one.name ?? '', one))));
    }
    return { parts: finished, problems: [...problems, ...plan.problems] };
  }

  private portsOf(mesh: Mesh, proxy: Proxy): Ports {
    const targets = this.targets.of(mesh, proxy);
    const signature = targets.map(({ service, port, target }) => `${service.host} ${port.number} ${target}`).join();
    return this.ports.get(signature, [], () => portMaps(targets));
  }

  private patched(kind: Patchable, resources: Encoded, { plan, proxy, ports }: PatchedFor): Encoded {
    const changed = [...resources.values()].flatMap((resource) => {
      const side = sideOf(resource.name, proxy);
      const known = kind === 'cluster' && side === 'SIDECAR_INBOUND' ? ports.hosts.get(Number(resource.name.split('|')[1])) ?? [] : [];
      return this.resources.get(resource, [plan, side, kind === 'route' ? ports.servers : undefined, ...known], () =>
        patchOne(resource, { kind, plan, side, ports, hosts: known }));
    });
    const { clusters, listeners } = plan.added(sidesOf(proxy));
    const added = kind === 'cluster' ? clusters : kind === 'listener' ? listeners : [];
    return byResourceName([...changed, ...added.map((one) => encodeOne(kind, one.name ?? '', one))]);
  }
}

interface Ports {
  /** Hosts of the services behind a port of the pod. */
  readonly hosts: ReadonlyMap<number, readonly string[]>;
  /** Ports of the Services by the port of the pod. */
  readonly servers: ReadonlyMap<number, readonly number[]>;
}

interface PatchedFor {
  readonly plan: FinishingPlan;
  readonly proxy: Proxy;
  readonly ports: Ports;
}

interface PatchOne {
  readonly kind: Patchable;
  readonly plan: FinishingPlan;
  readonly side: Side;
  readonly ports: Ports;
  readonly hosts: readonly string[];
}

/** The same resource if nothing changed; none if it is gone. */
function patchOne(resource: EncodedResource, work: PatchOne): readonly EncodedResource[] {
  const message = patchMessage(resource, work);
  if (!message) {
    return [];
  }
  const made = encodeOne(work.kind, message.name ?? '', message);
  return [made.version === resource.version ? resource : made];
}

function patchMessage({ bytes }: EncodedResource, { kind, plan, side, ports, hosts }: PatchOne): Cluster | Listener | RouteConfiguration | undefined {
  switch (kind) {
    case 'cluster':
      return plan.cluster(decode('Cluster', bytes), side, hosts);
    case 'listener':
      return plan.listener(decode('Listener', bytes), side);
    case 'route':
      return plan.route(decode('RouteConfiguration', bytes), side, ports.servers);
  }
}

function sidesOf(proxy: Proxy): readonly Side[] {
  return proxy.type === 'router' ? ['GATEWAY'] : ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'];
}

/** Inbound resources are known by their names. */
function sideOf(name: string, proxy: Proxy): Side {
  if (proxy.type === 'router') {
    return 'GATEWAY';
  }
  return name === 'virtualInbound' || name.startsWith('inbound|') || name.startsWith('Inbound') ? 'SIDECAR_INBOUND' : 'SIDECAR_OUTBOUND';
}

function portMaps(targets: ReturnType<ServiceTargets['of']>): Ports {
  const hosts = new Map<number, string[]>();
  const servers = new Map<number, number[]>();
  for (const { service, port, target } of targets) {
    hosts.set(target, [...hosts.get(target) ?? [], service.host]);
    servers.set(target, [...servers.get(target) ?? [], port.number]);
  }
  return { hosts, servers };
}
