import type { VirtualService } from '../model/route';
import { visibleTo } from '../model/workload';
import { Derived } from './cache';

/**
 * The VirtualServices that a namespace sees, those first that go before the others: its own private ones, then those that are exported to it
 * by name, then those for everybody. The oldest comes first among equals, as in the indexes of istiod (pilot/pkg/model/push_context.go).
 */
export function visibleRules(all: readonly VirtualService[], namespace: string): readonly VirtualService[] {
  const visible = all.every((one) => visibleTo(one.exportTo, namespace)) ? all : all.filter((one) => visibleTo(one.exportTo, namespace));
  return visible.every(isPublic) ? visible : [...visible].sort((a, b) => rank(a, namespace) - rank(b, namespace));
}

/** The same for sidecars, for which rules of other namespaces may hold for some of their hosts only. */
export function visibleMeshRules(all: readonly VirtualService[], namespace: string): readonly VirtualService[] {
  const visible = visibleRules(all, namespace);
  const restricted = (rule: VirtualService): boolean => rule.hostsAbroad !== undefined && rule.namespace !== namespace;
  return visible.some(restricted)
    ? visible.map((rule) => (restricted(rule) ? abroad.of(rule) : rule)).filter((rule) => rule.hosts.length > 0)
    : visible;
}

const abroad = new Derived((rule: VirtualService): VirtualService => ({ ...rule, hosts: rule.hostsAbroad ?? rule.hosts }));

/** How near to a namespace a rule is that it sees: 0 is the nearest. */
function rank(rule: VirtualService, namespace: string): number {
  return isPublic(rule) ? 2 : rule.namespace === namespace ? 0 : 1;
}

export function isPublic({ exportTo }: VirtualService): boolean {
  return exportTo === undefined || exportTo.has('*');
}

/** Whether the sidecars of all namespaces see a rule for the same hosts. */
export function isForAll(rule: VirtualService): boolean {
  return isPublic(rule) && rule.hostsAbroad === undefined;
}
