/** Names of services and hosts: how short names are completed, and which pattern matches which host. */

export const CLUSTER_DOMAIN = 'cluster.local';

export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/**
 * A host without a dot is a service of the namespace of the object that names it; every other host is complete already. So is `localhost`,
 * which RFC 6761 6.3 keeps for the machine itself: a gateway of a local mesh answers to it. Istio would make a service of it.
 */
export function resolveHost(host: string, namespace: string): string {
  return host.includes('.') || isWildcard(host) || host === 'localhost' ? host : serviceHost(host, namespace);
}

/** As ValidateWildcardDomain in istio/istio pkg/config/validation has it; of wildcards Envoy takes whole first labels only. */
const HOST = /^(\*|(\*\.)?[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]*[a-z0-9_])?)*\.?)$/;

export function isHostName(host: string): boolean {
  return HOST.test(host);
}

/** Envoy refuses some of the characters that no line shows, and none of them can be meant. */
export function isWritable(host: string): boolean {
  return !/[\u0000-\u0020\u007f]/.test(host);
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether every host that `host` stands for is one of those that `pattern` stands for. */
export function covers(pattern: string, host: string): boolean {
  if (!isWildcard(pattern)) {
    return pattern === host;
  }
  const suffix = pattern.slice(1);
  return isWildcard(host) ? host.length >= pattern.length && host.slice(1).endsWith(suffix) : host.endsWith(suffix);
}

/** Whether there is a host that both stand for. */
export function overlaps(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

/** Exact hosts before wildcards, long wildcards before short ones, then by name. */
export function bySpecificity(a: string, b: string): number {
  if (isWildcard(a) !== isWildcard(b)) {
    return isWildcard(a) ? 1 : -1;
  }
  return b.length - a.length || compare(a, b);
}

/** The most specific of the patterns that cover the host. */
export function mostSpecific(patterns: Iterable<string>, host: string): string | undefined {
  let best: string | undefined;
  for (const pattern of patterns) {
    if (covers(pattern, host) && (best === undefined || bySpecificity(pattern, best) < 0)) {
      best = pattern;
    }
  }
  return best;
}

/** The hosts that both lists stand for: of every overlapping pair the narrower one. */
export function intersection(a: readonly string[], b: readonly string[]): string[] {
  const found = new Set<string>();
  for (const one of a) {
    for (const other of b) {
      if (covers(other, one)) {
        found.add(one);
      } else if (covers(one, other)) {
        found.add(other);
      }
    }
  }
  return [...found];
}

/** Order by code unit: the same on every machine, unlike localeCompare. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
