import type { Credentials } from './credentials';
import { isOf, podKey, readyPods } from './workload';
import type { EnginePort, ObjectName } from './engine-port';
import type { Action } from './step';

/** Makes a step that changes the mesh and waits until every proxy knows. */
export async function performAction(action: Action, { mesh, credentials }: { readonly mesh: EnginePort; readonly credentials: Credentials }): Promise<void> {
  switch (action.kind) {
    case 'wait':
      return new Promise((wake) => setTimeout(wake, action.ms));
    case 'apply':
      await mesh.apply(action.manifest);
      break;
    case 'secrets':
      await mesh.apply(credentials.secrets(action.secrets));
      break;
    case 'remove':
      await mesh.remove(withNamespace(action.object, mesh));
      break;
    case 'scale':
      for (const { replicas, ...deployment } of action.deployments) await mesh.scale(withNamespace(deployment, mesh), replicas);
      break;
    case 'kill':
    case 'restart':
      for (const target of targets(action.target, mesh)) await mesh[action.kind](target);
      break;
  }
  await mesh.settled();
}

/** All pods of a workload, ready or not: what was killed is not ready, and can be restarted. */
function targets(target: Extract<Action, { kind: 'kill' | 'restart' }>['target'], mesh: EnginePort): string[] {
  if (target === 'istiod') return [target];
  const pods = mesh.pods().filter((pod) => isOf(pod, target));
  return (pods.length ? pods : readyPods(mesh, target)).map(podKey);
}

/** A name without a namespace means the one in which the workloads are, if there is only one. */
function withNamespace<T extends Omit<ObjectName, 'namespace' | 'kind'> & { namespace?: string }>(object: T, mesh: EnginePort): T & { namespace: string } {
  if (object.namespace !== undefined) return { ...object, namespace: object.namespace };
  const namespaces = [...new Set(mesh.pods().map((pod) => pod.namespace))].filter((namespace) => namespace !== 'istio-system');
  if (namespaces.length !== 1) throw new Error(`in which namespace is ${object.name}? write ${object.name}.NAMESPACE, or "namespace:" at the top of the checks (there are ${namespaces.join(', ')})`);
  return { ...object, namespace: namespaces[0] };
}
