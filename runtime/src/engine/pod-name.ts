import type { PodState } from './check/engine-port';

/** The pods that a name means, ready ones first: `SERVICE`, `SERVICE.NAMESPACE`, `SERVICE/VERSION`, a pod, `POD.NAMESPACE`. Throws where there is none. */
export function findPods(pods: readonly PodState[], text: string): string[] {
  const [name = '', version] = text.split('/', 2);
  const dot = name.lastIndexOf('.');
  const inNamespace = (pod: PodState) => dot > 0 && pod.namespace === name.slice(dot + 1);
  const called = (pod: PodState, wanted: string) => pod.name === wanted || appOf(pod) === wanted;
  const found = pods.filter((pod) => {
    const named = called(pod, name) || (inNamespace(pod) && called(pod, name.slice(0, dot)));
    return named && (version === undefined || pod.labels.version === version);
  });
  if (found.length === 0) {
    const known = [...new Set(pods.map((pod) => appOf(pod) + (pod.labels.version ? `/${pod.labels.version}` : '')))].sort().join(', ');
    throw new Error(`there is no service or pod ${text} in this mesh; there are ${known || 'none'}`);
  }
  return [...found].sort((a, b) => Number(b.ready) - Number(a.ready)).map((pod) => `${pod.namespace}/${pod.name}`);
}

function appOf({ labels, name }: PodState): string {
  return labels.app ?? labels['app.kubernetes.io/name'] ?? name;
}
