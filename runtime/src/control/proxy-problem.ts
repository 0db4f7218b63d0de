import type { Problem } from '../model/problem';
import type { Proxy } from '../model/proxy';
import type { Nack } from '../xds';

/** What Envoy itself refuses: named after the pod whose Envoy it is, because one resource may come from many objects. */
export function refusedResources(proxy: Proxy, nack: Nack): Problem {
  const type = nack.typeUrl.slice(nack.typeUrl.lastIndexOf('.') + 1);
  return {
    resource: { kind: 'Pod', namespace: proxy.namespace, name: proxy.name },
    path: '',
    message: `its Envoy refuses ${type} ${nack.names.join(', ')} and keeps what it had: ${nack.message}`,
  };
}

/** A mistake of ours, which must not look like nothing. */
export function defect(proxy: Proxy, error: unknown): Problem {
  return {
    resource: { kind: 'Pod', namespace: proxy.namespace, name: proxy.name },
    path: '',
    message: `its configuration cannot be made, which is a defect of the control plane (its proxy keeps what it had): ${error instanceof Error ? error.message : String(error)}`,
  };
}

/** A client whose node says not enough to make configuration for it. */
export function refusedNode(id: string, message: string): Problem {
  return { resource: { kind: 'Node', namespace: '', name: id }, path: '', message };
}

/** Keys of certificates are for those only whose identity is known, and where nobody listens. */
export function withheldSecrets(proxy: Proxy): Problem {
  return {
    resource: { kind: 'Pod', namespace: proxy.namespace, name: proxy.name },
    path: '',
    message: 'its configuration names Secrets, which are not sent in plain text: connect its proxy to the secured port of the control plane (15012) in place of 15010',
  };
}

/** The same problem is found once for every proxy that it concerns. */
export function uniqueProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map<string, Problem>();
  for (const problem of problems) {
    const { kind, namespace, name } = problem.resource;
    unique.set(JSON.stringify([kind, namespace, name, problem.path, problem.message]), problem);
  }
  return [...unique.values()];
}
