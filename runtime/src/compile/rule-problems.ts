import { isDeepStrictEqual } from 'node:util';
import { isWildcard, overlaps } from '../model/host';
import type { Gateway } from '../model/listener';
import type { Problem } from '../model/problem';
import type { VirtualService } from '../model/route';
import { MESH_GATEWAY } from '../model/route';
import { Derived, ObjectCache } from './cache';
import type { ListChange } from './list-change';
import { Followed } from './list-change';
import { isPublic } from './visibility';

/**
 * What is wrong with VirtualServices beside each other and beside Gateways: what `istioctl analyze` tells as IST0101 (no such Gateway),
 * IST0109 (two for one host) and IST0132 (a host that the Gateway does not serve).
 */
export class RuleProblems {
  private readonly conflicts = new Followed(findConflicts, isAboutOthers);
  private readonly named = new Followed((rules: readonly VirtualService[]) => rules.filter((rule) => rule.gateways.some((name) => name !== MESH_GATEWAY)), ({ gone, come }) =>
    [...gone, ...come].every((rule) => rule.gateways.every((name) => name === MESH_GATEWAY)));
  private readonly gatewayNames = new Derived((gateways: readonly Gateway[]) => new Map(gateways.map((gateway) => [gateway.name, gateway])));
  private readonly ofGateways = new ObjectCache<VirtualService, readonly Problem[]>(2);
  private readonly lists = new ObjectCache<readonly VirtualService[], readonly Problem[]>(2);

  public of(rules: readonly VirtualService[], gateways: readonly Gateway[]): readonly Problem[] {
    return this.lists.get(rules, [gateways], () => {
      const byName = this.gatewayNames.of(gateways);
      return [...this.conflicts.of(rules), ...this.named.of(rules).flatMap((rule) => this.gatewayProblems(rule, byName))];
    });
  }

  private gatewayProblems(rule: VirtualService, byName: ReadonlyMap<string, Gateway>): readonly Problem[] {
    const named = rule.gateways.filter((name) => name !== MESH_GATEWAY);
    return named.length === 0 ? NONE : this.ofGateways.get(rule, named.map((name) => byName.get(name)), () =>
      rule.gateways.flatMap((name, i) => gatewayProblem(rule, { name, i, gateway: byName.get(name) })));
  }
}

const NONE: readonly Problem[] = [];

/** Most edits change what a rule does, not for whom it is: they make no conflicts and solve none. */
function isAboutOthers({ gone, come }: ListChange<VirtualService>): boolean {
  return gone.length === come.length && gone.every((rule, i) => isDeepStrictEqual(audienceOf(rule), audienceOf(come[i])));
}

/** All that conflicts depend on. */
function audienceOf({ resource, namespace, hosts, hostsAbroad, gateways, exportTo, http }: VirtualService): unknown[] {
  return [resource, namespace, hosts, hostsAbroad, gateways, exportTo, http.length > 0];
}

function gatewayProblem({ resource, hosts, namespace }: VirtualService, { name, i, gateway }: { name: string; i: number; gateway?: Gateway }): Problem[] {
  if (name === MESH_GATEWAY) {
    return [];
  }
  const warn = (message: string): Problem[] => [{ resource, path: `spec.gateways[${i}]`, message, severity: 'warning' }];
  if (!gateway) {
    return warn(`there is no Gateway ${name}, so it opens nothing for these hosts: create it, or correct the name (NAMESPACE/NAME; without a namespace it is ${namespace})`);
  }
  const served = gateway.servers.flatMap((server) => server.hosts).filter((one) => one.namespace === undefined || one.namespace === namespace);
  return served.some((one) => hosts.some((host) => overlaps(one.host, host))) ? [] : warn(
    `Gateway ${name} serves none of these hosts (${hosts.join(', ')}) for namespace ${namespace}, so it opens nothing for them: add one to the hosts of a server`,
  );
}

/** VirtualServices with HTTP rules for sidecars that name the same host. */
function findConflicts(rules: readonly VirtualService[]): readonly Problem[] {
  const byHost = new Map<string, VirtualService[]>();
  const problems: Problem[] = [];
  for (const rule of rules) {
    if (rule.http.length === 0 || !rule.gateways.includes(MESH_GATEWAY)) {
      continue;
    }
    rule.hosts.forEach((host, i) => {
      const known = byHost.get(host);
      const rivals = known?.filter((one) => one !== rule && meet(one, rule, host)) ?? [];
      const older = rivals.find((one) => sameExport(one, rule, host)) ?? rivals[0];
      if (older) {
        problems.push(conflict(rule, older, { host, i }));
      }
      if (known) {
        known.push(rule);
      } else {
        byHost.set(host, [rule]);
      }
    });
  }
  return problems;
}

function conflict(rule: VirtualService, older: VirtualService, { host, i }: { host: string; i: number }): Problem {
  const other = `VirtualService ${older.resource.namespace}/${older.resource.name}`;
  const winner = sameExport(rule, older, host)
    ? `${other} is older, so where it has a rule for the caller, these do not hold`
    : `${other} has rules for it too, and the rules of only one hold: for a caller, those that are private to its namespace go before those exported to it, and those before the public ones`;
  return {
    resource: rule.resource,
    path: `spec.hosts[${i}]`,
    message: `${isWildcard(host) ? 'hosts' : 'host'} ${host}: ${winner}; put them into one VirtualService, or make them delegates of one`,
    severity: 'warning',
  };
}

/** Whether some namespace sees both. */
function meet(a: VirtualService, b: VirtualService, host: string): boolean {
  const [some, others] = [seenBy(a, host), seenBy(b, host)];
  if (some?.has('~') || others?.has('~') || isOwnLayer(a, b) || isOwnLayer(b, a)) {
    return false;
  }
  return !some || !others || [...some].some((namespace) => others.has(namespace));
}

/** Rules that a namespace keeps to itself, for a host that another one has public rules for, are meant to go before those. */
function isOwnLayer({ exportTo, namespace }: VirtualService, other: VirtualService): boolean {
  return other.namespace !== namespace && isPublic(other) && exportTo?.size === 1 && exportTo.has(namespace);
}

function sameExport(a: VirtualService, b: VirtualService, host: string): boolean {
  const [some, others] = [seenBy(a, host), seenBy(b, host)];
  return some && others ? a.namespace === b.namespace : some === others;
}

/** The namespaces for whose sidecars a rule holds for a host; undefined: all. */
function seenBy(rule: VirtualService, host: string): ReadonlySet<string> | undefined {
  if (rule.hostsAbroad && !rule.hostsAbroad.includes(host)) {
    return new Set([rule.namespace]);
  }
  return isPublic(rule) ? undefined : rule.exportTo;
}
