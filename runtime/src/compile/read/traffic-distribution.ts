import type { TrafficDistribution } from '../../model/locality';

/** For Kubernetes before 1.31, whose Services have no such field, and for ServiceEntries. */
const ANNOTATION = 'networking.istio.io/traffic-distribution';

/** `PreferClose` is the old name of `PreferSameZone`; https://kubernetes.io/docs/concepts/services-networking/service/#traffic-distribution */
const VALUES: Readonly<Record<string, TrafficDistribution>> = { preferclose: 'zone', prefersamezone: 'zone', prefersamenode: 'node' };

/** The field of the Service itself goes before its annotation. */
export function readDistribution(field: string | undefined, annotations: Readonly<Record<string, string>> = {}): TrafficDistribution | undefined {
  const value = (field ?? annotations[ANNOTATION] ?? '').toLowerCase();
  return Object.hasOwn(VALUES, value) ? VALUES[value] : undefined;
}
