import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import { KindAnalysis } from './analysis';

const POLICIES = {
  access: 'security.istio.io/AuthorizationPolicy',
  requests: 'security.istio.io/RequestAuthentication',
} as const;
const GATEWAYS = 'gateway.networking.k8s.io/Gateway';

interface TargetRef {
  readonly kind?: string;
  readonly name?: string;
}

/** Policies that name what they are for, where there is no such thing: they let in everybody, or lock nobody out, without a word. */
export class PolicyTargets extends KindAnalysis<keyof typeof POLICIES | 'gateways'> {
  public constructor() {
    super({ ...POLICIES, gateways: GATEWAYS }, ({ gateways, ...policies }) => [...policies.access.values(), ...policies.requests.values()]
      .flatMap((policy) => targetsOf(policy).flatMap(([path, target]) => check({ policy, path, target, gateways }))));
  }
}

function targetsOf({ spec }: Resource): [string, TargetRef][] {
  const { targetRef, targetRefs = [] } = (spec ?? {}) as { readonly targetRef?: TargetRef; readonly targetRefs?: readonly TargetRef[] };
  return [...(targetRef ? [['spec.targetRef', targetRef] as [string, TargetRef]] : []), ...targetRefs.map((one, i): [string, TargetRef] => [`spec.targetRefs[${i}]`, one])];
}

interface Checked {
  readonly policy: Resource;
  readonly path: string;
  readonly target: TargetRef;
  readonly gateways: ResourceMap;
}

function check({ policy: { kind, metadata: { namespace, name } }, path, target, gateways }: Checked): Problem[] {
  const about = (message: string): Problem[] => [{ resource: { kind, namespace, name }, path, message, severity: 'warning' }];
  if (target.kind !== 'Gateway') {
    return about(`${target.kind} '${target.name}' is what waypoints of ambient mode look at, and there are none: the policy is for nobody there; use a selector, or a Gateway`);
  }
  return gateways.has(resourceKey(namespace, target.name ?? '')) ? [] : about(`there is no Gateway '${target.name}' in namespace ${namespace}: the policy is for nobody there`);
}
