import type { Pod, Service } from '../kubernetes';
import { resourcesOf, type Snapshot } from '../model/snapshot';
import type { PodState } from './check/engine-port';
import { appOf } from './check/workload';
import { selects } from './selector';

/**
 * The pods that a name means, ready ones first: `SERVICE`, `SERVICE.NAMESPACE`, `SERVICE/VERSION`, the same with a Deployment or whatever
 * else owns pods, a pod, `POD.NAMESPACE`. Throws where there is none.
 */
export function findPods(pods: readonly PodState[], text: string, snapshot: Snapshot): string[] {
  const [name = '', version] = text.split('/', 2);
  const dot = name.lastIndexOf('.');
  const inNamespace = (pod: PodState) => dot > 0 && pod.namespace === name.slice(dot + 1);
  const called = (pod: PodState, wanted: string) => pod.name === wanted || appOf(pod) === wanted || leadsTo(snapshot, wanted, pod);
  const found = pods.filter((pod) => {
    const named = called(pod, name) || (inNamespace(pod) && called(pod, name.slice(0, dot)));
    return named && (version === undefined || pod.labels.version === version);
  });
  if (found.length === 0) {
    const known = [...new Set(pods.map((pod) => (appOf(pod) ?? pod.name) + (pod.labels.version ? `/${pod.labels.version}` : '')))].sort().join(', ');
    throw new Error(`there is no service or pod ${text} in this mesh; there are ${known || 'none'}`);
  }
  return [...found].sort((a, b) => Number(b.ready) - Number(a.ready)).map((pod) => `${pod.namespace}/${pod.name}`);
}

/** Whether a Service or an owner of that name stands for the pod. */
function leadsTo(snapshot: Snapshot, name: string, state: PodState): boolean {
  const pod = resourcesOf(snapshot, '/Pod').get(`${state.namespace}/${state.name}`) as Pod | undefined;
  const service = resourcesOf(snapshot, '/Service').get(`${state.namespace}/${name}`) as Service | undefined;
  return pod !== undefined && ((service && selects(service, pod)) || pod.metadata.ownerReferences?.some((owner) => owner.name === name)) === true;
}
