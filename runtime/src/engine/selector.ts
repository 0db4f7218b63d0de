import type { Pod, Service } from '../kubernetes';

/** Whether all labels of the selector are on the pod; an empty selector selects nothing. */
export function matches(selector: Readonly<Record<string, string>> | undefined, pod: Pod): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => pod.metadata.labels?.[name] === value);
}

/** Whether the Service leads to the pod. */
export function selects({ spec, metadata }: Service, pod: Pod): boolean {
  return metadata.namespace === pod.metadata.namespace && matches(spec?.selector, pod);
}
