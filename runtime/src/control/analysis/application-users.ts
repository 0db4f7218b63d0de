import { PROXY_CONTAINER, PROXY_UID } from '../../../../src/sidecar';
import type { Pod } from '../../kubernetes';
import type { Problem } from '../../model/problem';
import { KindAnalysis } from './analysis';
import { Findings } from './findings';

interface Secured {
  readonly name?: string;
  readonly securityContext?: { readonly runAsUser?: number };
}

interface Found {
  readonly owner: string;
  readonly problem: Problem;
}

/** Containers that Istio adds. */
const OWN = /^istio-/;

/**
 * Applications that run as the proxy's user: by it the proxy's own traffic is known, which is not captured. IST0144 of `istioctl analyze`.
 * @see https://istio.io/latest/docs/ops/deployment/application-requirements/#pod-requirements
 */
export class ApplicationUsers extends KindAnalysis<'pods'> {
  public constructor() {
    const users = new Findings((pod) => find(pod as Pod));
    super({ pods: '/Pod' }, ({ pods }) => [...new Map(users.of(pods, {}).map(({ owner, problem }) => [owner, problem])).values()]);
  }
}

function find({ spec, metadata: { namespace, name, ownerReferences = [] } }: Pod): Found | undefined {
  const { containers = [], initContainers = [], securityContext } = spec as { readonly containers?: readonly Secured[]; readonly initContainers?: readonly Secured[] } & Secured;
  const captured = [...containers, ...initContainers].some((one) => one.name === PROXY_CONTAINER);
  const i = captured ? containers.findIndex((one) => !OWN.test(one.name ?? '') && (one.securityContext?.runAsUser ?? securityContext?.runAsUser) === PROXY_UID) : -1;
  if (i < 0) return undefined;
  const [owner] = ownerReferences;
  const field = containers[i].securityContext?.runAsUser === PROXY_UID ? `containers[${i}].securityContext.runAsUser` : 'securityContext.runAsUser';
  const resource = owner ? { kind: owner.kind, namespace, name: owner.name } : { kind: 'Pod', namespace, name };
  return {
    owner: `${resource.kind} ${namespace}/${resource.name}`,
    problem: {
      resource,
      path: `${owner ? 'spec.template.' : ''}spec.${field}`,
      message: `user ${PROXY_UID} is the proxy's: on Kubernetes nothing that ${containers[i].name} sends would go through the proxy; let it run as another user`,
      severity: 'warning',
    },
  };
}
