import { isWildcard } from '../model/host';
import type { Problem } from '../model/problem';
import type { Resource } from '../model/resource';
import { refOf } from '../model/resource';
import { changedKeys } from '../model/resource-change';
import { resourcesOf } from '../model/snapshot';
import type { ResourceMap, Snapshot } from '../model/snapshot';
import { destinationsOf } from './acceptance-destinations';
import type { NamedDestination } from './acceptance-destinations';
import { AcceptedSecrets } from './acceptance-secrets';
import { hasSubset, isKnown, ruleHost, subsetNames } from './acceptance-hosts';
import { keepSubsets } from './acceptance-subsets';
import type { OrphanedSubset } from './acceptance-subsets';
import { Analyses } from './analysis';

const VIRTUAL_SERVICE = 'networking.istio.io/VirtualService';
const DESTINATION_RULE = 'networking.istio.io/DestinationRule';
const CONCERNED = [VIRTUAL_SERVICE, DESTINATION_RULE, '/Service', 'networking.istio.io/ServiceEntry'];

/** One step of acceptance: what came, what is let through, and what is wrong with the rest. */
export interface Accepted {
  readonly raw: Snapshot;
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
  /** Every route leads to hosts and subsets that are there: nothing was held back, nothing is kept. */
  readonly complete: boolean;
}

/**
 * The first half of make-before-break: whatever order objects are applied in, no accepted route names a subset that its host does not have.
 * A VirtualService that would is held back, its version before stays; a subset that a route still names stays until that route is gone.
 */
export class Acceptance {
  private latest: Accepted | undefined;
  private readonly analyses = new Analyses();
  private readonly secrets = new AcceptedSecrets();

  public accept(raw: Snapshot): Accepted {
    const secrets = this.secrets.accept(raw);
    const accepted = this.latest = accept(this.latest, secrets.snapshot);
    return { ...accepted, problems: [...secrets.problems, ...accepted.problems, ...this.analyses.problems(raw)] };
  }
}

/** The pure step. Objects and maps that did not change are the same as in `raw`, or as in the step before. */
function accept(before: Accepted | undefined, raw: Snapshot): Accepted {
  if (before && CONCERNED.every((kind) => before.raw.kinds.get(kind) === raw.kinds.get(kind))) {
    const same = (kind: string): ResourceMap => resourcesOf(before.snapshot, kind);
    return { raw, snapshot: replaced(raw, same(VIRTUAL_SERVICE), same(DESTINATION_RULE)), problems: before.problems, complete: before.complete };
  }
  if (before && isPlainEdit(before, raw)) {
    return { raw, snapshot: raw, problems: before.problems, complete: true };
  }
  const routes = acceptRoutes(before, raw);
  const now = resourcesOf(raw, DESTINATION_RULE);
  const old = before ? resourcesOf(before.snapshot, DESTINATION_RULE) : new Map<string, Resource>();
  const kept = keepSubsets(now, old, orphans(raw, routes.accepted));
  const accepted = (kind: string, map: ReadonlyMap<string, Resource>): ResourceMap => sameMap(map, resourcesOf(raw, kind), before && resourcesOf(before.snapshot, kind));
  const snapshot = replaced(raw, accepted(VIRTUAL_SERVICE, routes.accepted), accepted(DESTINATION_RULE, kept.rules));
  return {
    raw,
    snapshot,
    problems: [...routes.problems, ...kept.problems, ...ruleProblems(raw)],
    complete: snapshot === raw && routes.problems.length + kept.problems.length === 0,
  };
}

/** Only routes changed, and those that did lead to what is there: then there is no need to look at all the others. */
function isPlainEdit(before: Accepted, raw: Snapshot): boolean {
  const others = CONCERNED.filter((kind) => kind !== VIRTUAL_SERVICE);
  if (!before.complete || !others.every((kind) => before.raw.kinds.get(kind) === raw.kinds.get(kind))) return false;
  const routes = resourcesOf(raw, VIRTUAL_SERVICE);
  const rules = resourcesOf(raw, DESTINATION_RULE);
  return changedKeys(resourcesOf(before.raw, VIRTUAL_SERVICE), routes).every((key) => destinationsOf(routes.get(key) as Resource).every(({ host, subset }) => (
    isKnown(raw, host) && (subset === undefined || hasSubset(rules, host, subset))
  )));
}

function acceptRoutes(before: Accepted | undefined, raw: Snapshot): { accepted: Map<string, Resource>; problems: Problem[] } {
  const accepted = new Map<string, Resource>();
  const problems: Problem[] = [];
  const rules = resourcesOf(raw, DESTINATION_RULE);
  const oldRules = before ? resourcesOf(before.snapshot, DESTINATION_RULE) : rules;
  const missing = (route: Resource, also: ResourceMap): NamedDestination[] => destinationsOf(route).filter(({ host, subset }) => (
    subset !== undefined && !hasSubset(rules, host, subset) && !hasSubset(also, host, subset) && isKnown(raw, host)
  ));
  for (const [key, route] of resourcesOf(raw, VIRTUAL_SERVICE)) {
    const old = before && resourcesOf(before.snapshot, VIRTUAL_SERVICE).get(key);
    // What an accepted route names is kept for it; a new or changed one must find it in the rules of now.
    const lacking = missing(route, old === route ? oldRules : rules);
    const stays = lacking.length > 0 && old !== undefined && missing(old, oldRules).length === 0;
    if (lacking.length === 0) accepted.set(key, route);
    else if (stays) accepted.set(key, old);
    problems.push(...lacking.map((destination) => heldBack(route, destination, stays)), ...unknownHosts(raw, route));
  }
  return { accepted, problems };
}

function orphans(raw: Snapshot, routes: ReadonlyMap<string, Resource>): OrphanedSubset[] {
  const rules = resourcesOf(raw, DESTINATION_RULE);
  return [...routes].flatMap(([route, resource]) => destinationsOf(resource).flatMap(({ host, subset }) => (
    subset !== undefined && !hasSubset(rules, host, subset) && isKnown(raw, host) ? [{ host, subset, route }] : []
  )));
}

function heldBack(route: Resource, { host, subset, path }: NamedDestination, stays: boolean): Problem {
  return {
    resource: refOf(route),
    path: `${path}.subset`,
    message: `${host} has no subset ${subset}: add it to its DestinationRule; until then ${stays ? 'the VirtualService stays as it was' : 'the VirtualService is left out'}`,
  };
}

function unknownHosts(raw: Snapshot, route: Resource): Problem[] {
  return destinationsOf(route).flatMap(({ host, path }) => {
    if (isKnown(raw, host)) return [];
    return [{ resource: refOf(route), path: `${path}.host`, message: `nobody knows the host ${host}, requests are answered with 503: ${hostHint(raw, host)}`, severity: 'warning' as const }];
  });
}

/** A policy for nobody, as `istioctl analyze` tells of it (IST0101), and subsets of which only the first can be meant. */
function ruleProblems(raw: Snapshot): Problem[] {
  return [...resourcesOf(raw, DESTINATION_RULE).values()].flatMap((rule) => {
    const host = ruleHost(rule);
    const about = (path: string, message: string): Problem => ({ resource: refOf(rule), path, message, severity: 'warning' });
    const unknown = isWildcard(host) || isKnown(raw, host) ? [] : [about('spec.host', `nobody knows the host ${host}, so the rule is for nobody: ${hostHint(raw, host)}`)];
    const names = subsetNames(rule);
    const twice = names.flatMap((name, i) => (names.indexOf(name) === i ? [] : [about(`spec.subsets[${i}].name`, `there is a subset ${name} before: only the first counts`)]));
    return [...unknown, ...twice];
  });
}

function hostHint(raw: Snapshot, host: string): string {
  const full = [`${host}.svc.cluster.local`, `${host}.cluster.local`].find((name) => isKnown(raw, name));
  return full ? `write ${full}: only names without a dot are completed` : 'add a Service or a ServiceEntry, or correct the name';
}

/** The candidate that holds the same objects, or the new map. */
function sameMap(map: ReadonlyMap<string, Resource>, ...candidates: readonly (ResourceMap | undefined)[]): ResourceMap {
  const same = (other: ResourceMap): boolean => other.size === map.size && [...map].every(([key, resource]) => other.get(key) === resource);
  return candidates.find((other) => other && same(other)) ?? map;
}

function replaced(raw: Snapshot, routes: ResourceMap, rules: ResourceMap): Snapshot {
  if (resourcesOf(raw, VIRTUAL_SERVICE) === routes && resourcesOf(raw, DESTINATION_RULE) === rules) return raw;
  const kinds = new Map(raw.kinds);
  for (const [kind, map] of [[VIRTUAL_SERVICE, routes], [DESTINATION_RULE, rules]] as const) {
    if (map.size > 0) kinds.set(kind, map);
    else kinds.delete(kind);
  }
  return { revision: raw.revision, kinds };
}
