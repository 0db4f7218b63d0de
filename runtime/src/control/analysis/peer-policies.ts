import type { PeerAuthenticationSpec } from '../../istio';
import type { Pod, ServicePort, ServiceSpec } from '../../kubernetes';
import { ROOT_NAMESPACE } from '../../model/mesh';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import type { Labels } from '../../model/workload';
import type { Kinds } from './analysis';
import { KindAnalysis } from './analysis';
import { isOlder } from './age';
import { hasLabels, inNamespace, selectorOf } from './pods';

const KINDS = { policies: 'security.istio.io/PeerAuthentication', pods: '/Pod', services: '/Service' } as const;

type World = Kinds<keyof typeof KINDS>;

/**
 * PeerAuthentications, or parts of them, that hold for nothing: another one is older, a selector stands where Istio looks at none, a port is
 * not one of the pods'.
 */
export class PeerPolicies extends KindAnalysis<keyof typeof KINDS> {
  public constructor() {
    super(KINDS, (world) => [...world.policies.values()].flatMap((policy) => [...uselessSelector(policy), ...younger(policy, world), ...strangePorts(policy, world)]));
  }
}

function uselessSelector(policy: Resource): Problem[] {
  return policy.metadata.namespace === ROOT_NAMESPACE && selectedBy(policy) ? [about(policy, 'spec.selector',
    `policies of ${ROOT_NAMESPACE} are for the whole mesh, so one with a selector is for nobody: move it to the namespace of the pods`)] : [];
}

/** Of two for the same workloads the older counts. */
function younger(policy: Resource, { policies, pods }: World): Problem[] {
  const { namespace } = policy.metadata;
  const others = inNamespace(policies, namespace).filter((other) => other !== policy && isOlder(other, policy));
  const selector = selectedBy(policy);
  if (!selector) {
    const [older] = others.filter((other) => !selectedBy(other));
    const scope = namespace === ROOT_NAMESPACE ? 'the mesh' : `namespace ${namespace}`;
    return older ? [about(policy, 'spec', `PeerAuthentication ${older.metadata.name} is for all of ${scope} too, and older: only that one counts`)] : [];
  }
  const selected = inNamespace(pods, namespace).filter((pod) => hasLabels(pod, selector));
  const [older] = others.filter((other) => selected.some((pod) => hasLabels(pod, selectedBy(other) ?? NOBODY)));
  return older ? [about(policy, 'spec.selector', `PeerAuthentication ${older.metadata.name} selects some of the same pods, and is older: for those only that one counts`)] : [];
}

/** The label of nothing. */
const NOBODY: Labels = { '': '' };

/** The number must be one of the pods' ports, which is often not that of the Service. */
function strangePorts(policy: Resource, { pods, services }: World): Problem[] {
  const { portLevelMtls = {} } = policy.spec as PeerAuthenticationSpec;
  const selector = selectedBy(policy);
  const selected = selector ? inNamespace(pods, policy.metadata.namespace).filter((pod) => hasLabels(pod, selector)) as Pod[] : [];
  const listening = new Set(selected.flatMap(({ spec }) => (spec.containers ?? []).flatMap(({ ports = [] }) => ports.map((port) => port.containerPort))));
  if (listening.size === 0) return [];
  const served = inNamespace(services, policy.metadata.namespace).flatMap(({ spec }) => {
    const { selector: labels = {}, ports = [] } = (spec ?? {}) as ServiceSpec;
    return Object.keys(labels).length > 0 && selected.some((pod) => hasLabels(pod, labels)) ? ports : [];
  });
  const targets = new Set(served.map(({ port, targetPort = port }) => targetPort));
  return Object.keys(portLevelMtls).map(Number).filter((port) => !listening.has(port) && !targets.has(port)).map((port) =>
    about(policy, `spec.portLevelMtls.${port}`, `no selected pod has a port ${port}: ${hint(port, served, listening)}`));
}

function hint(port: number, served: readonly ServicePort[], listening: ReadonlySet<number>): string {
  const target = served.find((one) => one.port === port)?.targetPort;
  return target === undefined ? `theirs are ${[...listening].sort((a, b) => a - b).join(', ')}` : `${port} is that of the Service, whose targetPort ${target} is meant`;
}

function selectedBy(policy: Resource): Labels | undefined {
  return selectorOf(policy, 'selector.matchLabels');
}

function about({ kind, metadata: { namespace, name } }: Resource, path: string, message: string): Problem {
  return { resource: { kind, namespace, name }, path, message, severity: 'warning' };
}
