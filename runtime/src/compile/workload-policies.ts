import type { Mesh } from '../model/mesh';
import type { Proxy } from '../model/proxy';
import type { Labels } from '../model/workload';
import { selects } from '../model/workload';
import type { AppliedPolicies, WorkloadPolicy } from '../model/workload-policy';
import { NO_POLICIES } from '../model/workload-policy';
import { Derived, InputCache, ObjectCache } from './cache';
import { groupBy } from './groups';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** Whom policies are for: a pod with its proxy, or the workload behind an endpoint. */
export type PolicySubject = Pick<Proxy, 'namespace' | 'labels'>;

type PolicyLists = ReadonlyMap<string, AppliedPolicies>;

/**
 * Finds the policies that apply to a workload: those of the root namespace, then those of its own, as in Istio
 * (pilot/pkg/model/policyattachment.go). The list is the same as before, and the same for all workloads with the same policies, so that
 * whatever is made of it is made once.
 */
export class WorkloadPolicies {
  private readonly lists = new InputCache<AppliedPolicies>(2);
  private readonly byNamespace = new Derived((policies: Mesh['policies']): PolicyLists => this.stableLists(policies));
  private readonly chosen = new ObjectCache<PolicySubject, AppliedPolicies>(2);
  private readonly equal = new InputCache<AppliedPolicies>();

  /** @param subject an object that stays the same while the workload does */
  public of({ policies, settings: { rootNamespace } }: Mesh, subject: PolicySubject): AppliedPolicies {
    const lists = this.byNamespace.of(policies);
    const root = lists.get(rootNamespace) ?? NO_POLICIES;
    const own = subject.namespace === rootNamespace ? NO_POLICIES : lists.get(subject.namespace) ?? NO_POLICIES;
    return root.length + own.length === 0 ? NO_POLICIES : this.chosen.get(subject, [root, own], () => this.choose([...root, ...own], subject));
  }

  private choose(candidates: AppliedPolicies, subject: PolicySubject): AppliedPolicies {
    const found = candidates.filter((one) => appliesTo(one, subject));
    return found.length === 0 ? NO_POLICIES : this.equal.get(nameOf(found), found, () => found);
  }

  private stableLists(policies: Mesh['policies']): PolicyLists {
    const groups = groupBy(policies, (one) => one.namespace);
    return new Map([...groups].map(([namespace, list]) => [namespace, this.lists.get(namespace, list, () => list)]));
  }
}

function nameOf(policies: AppliedPolicies): string {
  return policies.map(({ resource }) => `${resource.kind} ${resource.namespace}/${resource.name}`).join();
}

/** Whether the policy, which is one of the subject's own namespace or of the root namespace, is for the subject. */
function appliesTo({ selector, targets, namespace }: WorkloadPolicy, subject: PolicySubject): boolean {
  if (targets.length === 0) {
    return selector === undefined || selects(selector, subject.labels);
  }
  const gateway: string | undefined = (subject.labels as Partial<Labels>)[GATEWAY_NAME];
  return gateway !== undefined && namespace === subject.namespace && targets.some((target) =>
    target.group === 'gateway.networking.k8s.io' && target.kind === 'Gateway' && target.name === gateway && target.namespace === namespace);
}
