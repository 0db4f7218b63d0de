import { LINKERS } from '../features';
import type { Found, FoundCluster, Linker, Reference } from '../features/linker';
import { Attachments } from '../model/attachment';
import { outboundCluster } from '../model/cluster';
import type { KeySet, KeySource } from '../model/key-set';
import { keySetName } from '../model/key-set';
import type { Mesh, MeshSettings } from '../model/mesh';
import { Place } from '../model/place';
import type { Problem } from '../model/problem';
import { portOf } from '../model/service';
import type { ResourceMap } from '../model/snapshot';
import { resourceKey } from '../model/snapshot';
import { visibleTo } from '../model/workload';
import type { WorkloadPolicy } from '../model/workload-policy';
import { InputCache, ObjectCache } from './cache';

/** What policies can refer to. */
export interface LinkWorld extends Pick<Mesh, 'servicesByHost' | 'settings'> {
  readonly policies: readonly WorkloadPolicy[];
  readonly keySets: ResourceMap;
}

export interface LinkedPolicies {
  readonly policies: readonly WorkloadPolicy[];
  readonly problems: readonly Problem[];
  /** Keys that the control plane is to fetch. */
  readonly wanted: readonly KeySource[];
  /** Services that policies refer to. */
  readonly hosts: readonly string[];
}

interface Linked {
  readonly policy: WorkloadPolicy;
  readonly problems: readonly Problem[];
}

type ClusterReference = Extract<Reference, { kind: 'cluster' }>;

interface References {
  readonly linker: Linker;
  readonly all: readonly Reference[];
}

/** Completes policies with what other objects say. A policy for which all of that is as before is the same object as before. */
export class PolicyLinks {
  private readonly worlds = new InputCache<LinkedPolicies>(1);
  private readonly lists = new InputCache<LinkedPolicies>(1);
  private readonly references = new ObjectCache<WorkloadPolicy, readonly References[]>(1);
  private readonly linked = new ObjectCache<WorkloadPolicy, Linked>(2);
  private readonly hosts = new InputCache<readonly string[]>(1);
  private readonly clusters = new InputCache<FoundCluster>(2);

  public of(world: LinkWorld): LinkedPolicies {
    const { policies, keySets, servicesByHost, settings } = world;
    return this.worlds.get('', [policies, keySets, servicesByHost, settings], () => {
      const all = policies.map((policy) => this.link(policy, world));
      return this.lists.get('', [settings, ...all], () => ({
        policies: all.map((one) => one.policy),
        problems: all.flatMap((one) => one.problems),
        wanted: this.all(policies, settings).flatMap((one) => (one.kind === 'keys' ? [one.source] : [])),
        hosts: this.hostsOf(this.all(policies, settings)),
      }));
    });
  }

  private referencesOf(policy: WorkloadPolicy, settings: MeshSettings): readonly References[] {
    return this.references.get(policy, [settings], () =>
      LINKERS.flatMap((linker) => {
        const all = linker.refers(policy, settings);
        return all ? [{ linker, all }] : [];
      }));
  }

  private all(policies: readonly WorkloadPolicy[], settings: MeshSettings): Reference[] {
    return policies.flatMap((policy) => this.referencesOf(policy, settings).flatMap(({ all }) => all));
  }

  private hostsOf(references: readonly Reference[]): readonly string[] {
    const hosts = [...new Set(references.flatMap((one) => (one.kind === 'cluster' ? [hostOf(one.service)] : [])))];
    return this.hosts.get('', hosts, () => hosts);
  }

  private link(policy: WorkloadPolicy, world: LinkWorld): Linked {
    const { settings } = world;
    const references = this.referencesOf(policy, settings);
    const found = references.map(({ all }) => all.map((one) => this.find(one, policy, world)));
    return this.linked.get(policy, [settings, ...found.flat()], () => {
      const problems: Problem[] = [];
      const place = Place.of(policy.resource, problems);
      const added = references.flatMap(({ linker }, i) => linker.link(policy, found[i], { settings, place }));
      return { policy: added.length === 0 ? policy : { ...policy, features: policy.features.overriddenBy(Attachments.of(added)) }, problems };
    });
  }

  private find(reference: Reference, { namespace }: WorkloadPolicy, { keySets, servicesByHost, settings }: LinkWorld): Found {
    return reference.kind === 'keys'
      ? keySets.get(resourceKey('', keySetName(reference.source)))?.spec as KeySet | undefined
      : this.findCluster(reference, namespace === settings.rootNamespace ? '*' : namespace, servicesByHost);
  }

  /** `host`, where only one namespace has it, or `namespace/host`, as pilot/pkg/model/telemetry_logging.go looks clusters up. */
  private findCluster({ service: name, port }: ClusterReference, from: string, servicesByHost: Mesh['servicesByHost']): FoundCluster {
    const host = hostOf(name);
    const namespace = host === name ? undefined : name.slice(0, -host.length - 1);
    const services = (servicesByHost.get(host) ?? []).filter((one) => (namespace === undefined || one.namespace === namespace) && visibleTo(one.exportTo, from));
    const namespaces = [...new Set(services.map((one) => one.namespace))];
    const known = services.find((one) => portOf(one, port));
    const fault = services.length === 0 ? `there is no service ${name}: name a host of the mesh, such as ext-authz.default.svc.cluster.local`
      : namespaces.length > 1 ? `namespaces ${namespaces.join(' and ')} both have a service ${host}: write NAMESPACE/${host}`
        : known ? undefined : `${host} has no port ${port}: it has ${services.flatMap((one) => one.ports.map(({ number }) => number)).join(', ')}`;
    const cluster = fault === undefined ? outboundCluster(port, '', host) : undefined;
    return this.clusters.get(`${name} ${port}`, [cluster, fault], () => ({ host, cluster, fault }));
  }
}

function hostOf(service: string): string {
  return service.slice(service.indexOf('/') + 1);
}
