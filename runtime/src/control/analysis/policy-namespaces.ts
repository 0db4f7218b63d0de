import type { AuthorizationPolicySpec } from '../../istio';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { inNamespace } from './pods';
import { resourceKey } from '../../model/snapshot';

const KINDS = { policies: 'security.istio.io/AuthorizationPolicy', pods: '/Pod', namespaces: '/Namespace', accounts: '/ServiceAccount' } as const;

type World = Kinds<keyof typeof KINDS>;

/** Rules for callers of a namespace that is not there: IST0101 of `istioctl analyze` (pkg/config/analysis/analyzers/authz/authorizationpolicies.go). */
export class PolicyNamespaces extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    super(KINDS, (world) => (world.pods.size === 0 ? [] : [...world.policies.values()].flatMap((policy) => check(policy, world))));
  }
}

function check({ kind, spec, metadata: { namespace, name } }: Resource, world: World): Problem[] {
  const { rules = [] } = (spec ?? {}) as AuthorizationPolicySpec;
  return rules.flatMap(({ from = [] }, i) => from.flatMap(({ source = {} }, j) => (['namespaces', 'notNamespaces'] as const).flatMap((field) => (
    (source[field] ?? []).flatMap((one, k): Problem[] => (isThere(one, world) ? [] : [{
      resource: { kind, namespace, name },
      path: `spec.rules[${i}].from[${j}].source.${field}[${k}]`,
      message: `there is no namespace ${one}, so nobody calls from it: correct the name`,
      severity: 'warning',
    }]))
  ))));
}

/** Namespaces need not be written on one machine: what stands in one tells of it. */
function isThere(namespace: string, { pods, namespaces, accounts }: World): boolean {
  return namespace.includes('*') || namespaces.has(resourceKey('', namespace)) || [pods, accounts].some((map) => inNamespace(map, namespace).length > 0);
}
