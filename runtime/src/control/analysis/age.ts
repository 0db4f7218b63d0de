import type { Resource } from '../../model/resource';

/** Which of two objects Istio looks at first: by creation, then by name and namespace. */
export function isOlder(one: Resource, other: Resource): boolean {
  const [a, b] = [one, other].map(({ metadata: { creationTimestamp = '', name, namespace } }) => `${creationTimestamp} ${name} ${namespace}`) as [string, string];
  return a < b;
}
