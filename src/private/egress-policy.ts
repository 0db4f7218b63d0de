const NAMESPACE = 'kubernetes.io/metadata.name';

interface EgressPolicy {
  /** Labels of the pods that may go out: the gateway's own, where they are in the namespace. */
  readonly spared?: Readonly<Record<string, string>>;
  /** Namespaces that may be reached. */
  readonly namespaces: readonly string[];
}

/**
 * The spec of a NetworkPolicy that leaves pods two ways out: DNS, over UDP and over TCP for long answers, and what is in some namespaces.
 * Kubernetes gives every namespace the label with its own name.
 */
export function egressPolicy({ spared = {}, namespaces }: EgressPolicy): object {
  const others = Object.entries(spared).slice(-1).map(([key, value]) => ({ key, operator: 'NotIn', values: [value] }));
  const named = (namespace: string) => ({ namespaceSelector: { matchLabels: { [NAMESPACE]: namespace } } });
  return {
    podSelector: others.length > 0 ? { matchExpressions: others } : {},
    policyTypes: ['Egress'],
    egress: [
      { to: [named('kube-system')], ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] },
      { to: [...new Set(namespaces)].sort().map(named) },
    ],
  };
}
