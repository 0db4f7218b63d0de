import { TopologyReader } from '../../compile';
import type { DestinationRuleSpec, ServiceEntrySpec, WorkloadEntrySpec } from '../../istio';
import type { ServiceSpec } from '../../kubernetes';
import { isWildcard, resolveHost } from '../../model/host';
import { withTopology } from '../../model/locality';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { resourceKey } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { entriesOf, serviceOf } from './hosts';
import { formatLabels, hasLabels, inNamespace, LastFound } from './pods';

const KINDS = {
  rules: 'networking.istio.io/DestinationRule',
  services: '/Service',
  entries: 'networking.istio.io/ServiceEntry',
  pods: '/Pod',
  nodes: '/Node',
  workloads: 'networking.istio.io/WorkloadEntry',
} as const;

type World = Kinds<keyof typeof KINDS>;

/** Who is behind a host: selected in a namespace, or listed. */
interface Members {
  readonly namespace: string;
  readonly selectors: readonly Labels[];
  readonly listed: readonly Labels[];
}

/**
 * Subsets that nobody belongs to, so that whatever is routed to them is answered with 503: IST0173 of `istioctl analyze`
 * (pkg/config/analysis/analyzers/destinationrule/subset.go), which knows pods only and not the namespace of the service.
 */
export class EmptySubsets extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    const finder = new Finder();
    super(KINDS, (world) => [...world.rules].flatMap(([key, rule]) => finder.check(key, rule, world)));
  }
}

class Finder {
  private readonly topology = new TopologyReader();
  private readonly latest = new LastFound((pod) => resourceKey(pod.metadata.namespace, pod.metadata.name));

  public check(key: string, rule: Resource, world: World): readonly Problem[] {
    const { host = '', subsets } = rule.spec as DestinationRuleSpec;
    const full = resolveHost(host, rule.metadata.namespace);
    const members = subsets?.length && !isWildcard(full) ? membersOf(full, world) : undefined;
    return members ? (subsets ?? []).flatMap(({ name, labels = {} }, i) => (this.hasMember(`${key} ${i}`, { members, labels, world }) ? [] : [{
      resource: { kind: rule.kind, namespace: rule.metadata.namespace, name: rule.metadata.name },
      path: `spec.subsets[${i}].labels`,
      message: `nobody behind ${full} has the labels ${formatLabels(labels)}, so requests routed to subset ${name} are answered with 503: ${hint(members, labels, world)}`,
      severity: 'warning' as const,
    }])) : [];
  }

  private hasMember(asker: string, { members, labels, world }: { members: Members; labels: Labels; world: World }): boolean {
    const { namespace, selectors, listed } = members;
    const { pods, nodes, workloads } = world;
    const isMember = (own: Labels): boolean => selects(labels, own) && selectors.some((selector) => selects(selector, own));
    const suits = (pod: Resource): boolean => isMember(this.topology.of(pod, nodes).labels);
    return listed.some((own) => selects(labels, own))
      || this.latest.find(asker, { pods, among: () => inNamespace(pods, namespace), suits }) !== undefined
      || inNamespace(workloads, namespace).some((workload) => isMember(labelsOf(workload)));
  }
}

/** Undefined where nobody is selected by labels or listed: who is behind such hosts is not known. */
function membersOf(host: string, { services, entries, pods }: World): Members | undefined {
  const service = serviceOf(host, services);
  const members = service ? membersOfService(service) : membersOfEntries(entriesOf(host, entries));
  return members && (members.listed.length > 0 || (members.selectors.length > 0 && pods.size > 0)) ? members : undefined;
}

function membersOfService({ metadata: { namespace }, spec }: Resource): Members {
  return { namespace, selectors: selecting((spec as ServiceSpec | undefined)?.selector), listed: [] };
}

function membersOfEntries(entries: readonly Resource[]): Members | undefined {
  const specs = entries.map(({ spec }) => spec as ServiceEntrySpec);
  return entries[0] && {
    namespace: entries[0].metadata.namespace,
    selectors: specs.flatMap(({ workloadSelector }) => selecting(workloadSelector?.labels)),
    listed: specs.flatMap(({ endpoints = [] }) => endpoints).map((endpoint) => withTopology(endpoint.labels ?? {}, endpoint.locality ?? '', endpoint)),
  };
}

function selecting(selector: Labels = {}): readonly Labels[] {
  return Object.keys(selector).length > 0 ? [selector] : [];
}

function labelsOf({ spec, metadata }: Resource): Labels {
  const { labels, locality = '', network } = spec as WorkloadEntrySpec;
  return withTopology({ ...labels, ...metadata.labels }, locality, { network });
}

/** What those that are there have instead. */
function hint({ namespace, selectors, listed }: Members, labels: Labels, { pods }: World): string {
  const own = inNamespace(pods, namespace).filter((pod) => selectors.some((selector) => hasLabels(pod, selector))).map((pod) => pod.metadata.labels ?? {});
  const all = [...own, ...listed];
  if (all.length === 0) return 'there is nobody behind it at all';
  const there = Object.keys(labels).map((name) => {
    const values = [...new Set(all.map((one) => one[name] ?? ''))].filter((value) => value !== '').sort();
    return values.length > 0 ? `${name} is ${values.slice(0, 5).join(', ')} there` : `nobody has a label ${name}`;
  });
  return `${there.join('; ')}: correct the labels, or add what has them`;
}
