import { CLUSTER_DOMAIN, covers, isWildcard, mostSpecific } from '../../model/host';
import type { Mesh } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { Destination, VirtualService } from '../../model/route';
import { MESH_GATEWAY, destinationsOf } from '../../model/route';
import type { Service } from '../../model/service';
import type { ResourceMap } from '../../model/snapshot';
import { visibleTo } from '../../model/workload';
import { Derived, InputCache, ObjectCache } from '../cache';

type Registry = Pick<Mesh, 'services' | 'servicesByHost'>;

interface Owned {
  readonly rule: VirtualService;
  readonly problems: readonly Problem[];
}

export interface OwnedRules {
  readonly rules: readonly VirtualService[];
  readonly problems: readonly Problem[];
}

/** On a ValidatingAdmissionPolicy: it is what tells a control plane of the setting, be it ours or a cluster's API server (docs/decisions/007). */
const LABEL = 'mesh.cdk8s-istio.dev/host-ownership';
const CLUSTER_SUFFIX = `.svc.${CLUSTER_DOMAIN}`;

export function isStrict(policies: ResourceMap): boolean {
  return [...policies.values()].some((policy) => policy.metadata.labels?.[LABEL] === 'strict');
}

/**
 * Keeps VirtualServices, and routes of Services and ServiceEntries, to what is theirs: for callers of other namespaces they hold for hosts of
 * their own namespace only, and they route to nothing that is not exported to them.
 */
export class HostOwnership {
  private readonly wildcards = new Derived((services: readonly Service[]) =>
    // The oldest comes first in the list, so last into the map.
    new Map(services.filter((one) => isWildcard(one.host)).reverse().map((one) => [one.host, one.namespace])));
  private readonly owned = new ObjectCache<VirtualService, Owned>(2);
  private readonly lists = new InputCache<OwnedRules>(2);

  public read(rules: readonly VirtualService[], registry: Registry): OwnedRules {
    const all = rules.map((rule) => this.ownedBy(rule, registry));
    return this.lists.get('', [rules, ...all], () => ({ rules: all.map((one) => one.rule), problems: all.flatMap((one) => one.problems) }));
  }

  private ownedBy(rule: VirtualService, registry: Registry): Owned {
    const owners = rule.gateways.includes(MESH_GATEWAY) ? rule.hosts.map((host) => this.ownerOf(host, rule.namespace, registry)) : [];
    const hidden = [...new Set(destinationsOf(rule).map(({ host }) => host))].filter((host) => isHidden(host, rule, registry));
    return this.owned.get(rule, [...owners, hidden.join()], () => restrict(rule, owners, new Set(hidden)));
  }

  /** The namespace to which a host belongs: that in its name, else that of the oldest ServiceEntry which declares it. */
  private ownerOf(host: string, asker: string, { services, servicesByHost }: Registry): string | undefined {
    if (host.endsWith(CLUSTER_SUFFIX)) {
      return host.slice(0, -CLUSTER_SUFFIX.length).split('.').at(-1);
    }
    const wildcards = this.wildcards.of(services);
    const owner = servicesByHost.get(host)?.[0].namespace ?? wildcards.get(mostSpecific(wildcards.keys(), host) ?? '');
    const shared = owner === asker && isWildcard(host) && services.some((one) => one.namespace !== asker && covers(host, one.host));
    return shared ? undefined : owner;
  }
}

function isHidden(host: string, { namespace }: VirtualService, { servicesByHost }: Registry): boolean {
  const services = servicesByHost.get(host);
  return services !== undefined && !services.some((one) => visibleTo(one.exportTo, namespace));
}

function restrict(rule: VirtualService, owners: readonly (string | undefined)[], hidden: ReadonlySet<string>): Owned {
  const foreign = owners.flatMap((owner, i) => (owner === rule.namespace ? [] : [{ i, host: rule.hosts[i], owner }]));
  const problems = [...isForOthers(rule) ? foreign.map((one) => foreignHost(rule, one)) : [], ...hidden.size > 0 ? hiddenDestinations(rule, hidden) : []];
  if (foreign.length === 0 && hidden.size === 0) {
    return { rule, problems };
  }
  const hosts = new Set(foreign.map((one) => one.host));
  const seen = ({ destinations }: { readonly destinations: readonly { readonly destination: Destination }[] }): boolean =>
    !destinations.some((one) => hidden.has(one.destination.host));
  return {
    rule: {
      ...rule,
      hostsAbroad: rule.hosts.filter((host) => !hosts.has(host)),
      http: rule.http.filter((one) => seen(one) && !one.alsoTo.some((copy) => hidden.has(copy.host))),
      tls: rule.tls.filter(seen),
      tcp: rule.tcp.filter(seen),
    },
    problems,
  };
}

function isForOthers({ exportTo, namespace }: VirtualService): boolean {
  return exportTo === undefined || exportTo.has('*') || (!exportTo.has('~') && [...exportTo].some((one) => one !== namespace));
}

function foreignHost({ resource, namespace }: VirtualService, { i, host, owner }: { i: number; host: string; owner?: string }): Problem {
  const whose = owner === undefined || owner === '*' ? 'belongs to no single namespace' : `belongs to namespace ${owner}`;
  const who = owner === undefined || owner === '*' ? 'its owner' : owner;
  const isRule = resource.kind === 'VirtualService';
  return {
    resource,
    path: isRule ? `spec.hosts[${i}]` : 'spec.parentRefs',
    message: `${host} ${whose}, and namespaces may only route their own hosts (hostOwnership: strict): these rules hold for callers in ${namespace} only; `
      + `${isRule ? "say so with exportTo: ['.'], or let" : 'let'} ${who} write them`,
    severity: 'warning',
  };
}

function hiddenDestinations({ resource, namespace, http, tls, tcp }: VirtualService, hidden: ReadonlySet<string>): Problem[] {
  const named = [...http, ...tls, ...tcp].flatMap((rule) => rule.destinations).filter((one) => hidden.has(one.destination.host));
  const copies = http.flatMap((rule) => rule.alsoTo).filter((one) => hidden.has(one.host)).map((destination) => ({ destination, path: resource.kind === 'VirtualService' ? 'spec.http' : 'spec.rules' }));
  return [...named, ...copies].map(({ destination: { host }, path }) => ({
    resource,
    path: path || 'spec.rules',
    message: `${host} is not exported to namespace ${namespace}, which may therefore not route to it (hostOwnership: strict): the rule is left out`,
  }));
}
