import type { HttpRule } from '../../model/route';

/**
 * A rule whose prefixes are of whole segments, as Kubernetes has them and Istio's own rules do not: `/foo` is `/foo` and `/foo/bar`, not `/foobar`;
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#examples
 */
export function bySegments(rule: HttpRule): HttpRule {
  const matches = rule.matches.map((match) => (match.uri?.kind === 'prefix'
    ? { ...match, uri: { kind: 'path-prefix' as const, value: match.uri.value.replace(/(?<=.)\/$/, '') } } : match));
  return { ...rule, matches };
}
