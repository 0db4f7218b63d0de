import type { DestinationRule } from '../model/cluster';
import { NO_POLICY } from '../model/cluster';
import { isWildcard, mostSpecific } from '../model/host';
import type { MeshSettings } from '../model/mesh';
import type { Service } from '../model/service';
import type { Labels } from '../model/workload';
import { selects, visibleTo } from '../model/workload';
import type { ObjectCache } from './cache';

/** Rules by host. Several for one host are one, unless they are for different workloads or exported to different namespaces. */
interface HostTable {
  readonly exact: Map<string, readonly DestinationRule[]>;
  readonly wildcard: Map<string, readonly DestinationRule[]>;
}

type MergedRules = ObjectCache<DestinationRule, DestinationRule>;
type RuleSettings = Pick<MeshSettings, 'rootNamespace' | 'privateRules'>;

interface RuleClient {
  readonly namespace: string;
  readonly labels: Labels;
}

/**
 * Finds the DestinationRule that holds for a client and a service, as Istio does: in the client's namespace, then among what the service's
 * namespace exports, then among what the root namespace does. The first that has a rule for the host decides, whether or not one suits the
 * client (https://istio.io/latest/docs/ops/best-practices/traffic-management/#cross-namespace-configuration).
 */
export class RuleIndex {
  private readonly local = new Map<string, HostTable>();
  private readonly exported = new Map<string, HostTable>();
  /** What stands in the root namespace is for everybody; only what is private there is for the proxies of that namespace first. */
  private readonly rootPrivate = emptyTable();

  /**
   * @param rules oldest first
   * @param merged what several rules for one host were together before, so that it stays the same
   */
  public constructor(rules: readonly DestinationRule[], private readonly settings: RuleSettings, private readonly merged: MergedRules) {
    const ordered = rules.some((rule) => rule.workloadSelector) ? [...rules.filter(hasSelector), ...rules.filter((rule) => !hasSelector(rule))] : rules;
    ordered.forEach((rule) => this.add(rule));
  }

  public ruleFor(service: Service, client: RuleClient): DestinationRule | undefined {
    return choose(this.candidates(service, client.namespace), client);
  }

  private add(rule: DestinationRule): void {
    const { namespace, exportTo } = rule;
    if (exportTo === undefined || exportTo.has('*') || exportTo.has(namespace)) {
      addRule(tableOf(this.local, namespace), rule, this.merged);
    }
    if (!this.isPrivate(rule)) {
      addRule(tableOf(this.exported, namespace), rule, this.merged);
    } else if (namespace === this.settings.rootNamespace) {
      addRule(this.rootPrivate, rule, this.merged);
    }
  }

  private isPrivate(rule: DestinationRule): boolean {
    const { exportTo, namespace } = rule;
    return hasSelector(rule) || (exportTo === undefined ? this.settings.privateRules : exportTo.size === 1 && exportTo.has(namespace));
  }

  private candidates({ host, namespace }: Service, clientNamespace: string): readonly DestinationRule[] {
    const { rootNamespace } = this.settings;
    const own = find(clientNamespace === rootNamespace ? this.rootPrivate : this.local.get(clientNamespace), host);
    if (own.length > 0) {
      return own;
    }
    const beside = find(this.exported.get(namespace), host).filter((rule) => visibleTo(rule.exportTo, clientNamespace));
    return beside.length > 0 ? beside : find(this.exported.get(rootNamespace), host).filter((rule) => visibleTo(rule.exportTo, clientNamespace));
  }
}

function hasSelector(rule: DestinationRule): boolean {
  return rule.workloadSelector !== undefined;
}

function emptyTable(): HostTable {
  return { exact: new Map(), wildcard: new Map() };
}

function tableOf(tables: Map<string, HostTable>, namespace: string): HostTable {
  const known = tables.get(namespace) ?? emptyTable();
  tables.set(namespace, known);
  return known;
}

const NONE: readonly DestinationRule[] = [];

/** The rules of the most specific host. */
function find(table: HostTable | undefined, host: string): readonly DestinationRule[] {
  const exact = table?.exact.get(host);
  if (exact || !table || table.wildcard.size === 0) {
    return exact ?? NONE;
  }
  const pattern = mostSpecific(table.wildcard.keys(), host);
  return pattern === undefined ? NONE : table.wildcard.get(pattern) ?? NONE;
}

/** A rule for the client's workload goes before one for everybody; of several of those Istio takes the last. */
function choose(rules: readonly DestinationRule[], client: RuleClient): DestinationRule | undefined {
  const own = rules.find((rule) => rule.workloadSelector && rule.namespace === client.namespace && selects(rule.workloadSelector, client.labels));
  return own ?? rules.filter((rule) => !hasSelector(rule)).at(-1);
}

function addRule(table: HostTable, rule: DestinationRule, merged: MergedRules): void {
  const hosts = isWildcard(rule.host) ? table.wildcard : table.exact;
  const known = hosts.get(rule.host) ?? NONE;
  const together = known.map((one) => (mayMerge(one, rule) ? merged.get(one, [rule], () => merge(one, rule)) : one));
  const contained = known.some((one) => mayMerge(one, rule) && hasSelector(one) === hasSelector(rule) && sameExport(one, rule));
  hosts.set(rule.host, contained ? together : [...together, rule]);
}

/** A rule for everybody also completes one for some workloads; rules for different workloads have nothing to do with each other. */
function mayMerge(older: DestinationRule, younger: DestinationRule): boolean {
  return exportCovers(older, younger) && (!hasSelector(older) || !hasSelector(younger) || sameLabels(older.workloadSelector, younger.workloadSelector));
}

function exportsOf(rule: DestinationRule): ReadonlySet<string> {
  return hasSelector(rule) ? new Set([rule.namespace]) : rule.exportTo ?? new Set();
}

function sameExport(a: DestinationRule, b: DestinationRule): boolean {
  const [some, others] = [exportsOf(a), exportsOf(b)];
  return some.size === others.size && [...some].every((one) => others.has(one));
}

/** Whoever sees the older rule sees the younger one too, judged by the names alone. */
function exportCovers(older: DestinationRule, younger: DestinationRule): boolean {
  const [some, others] = [exportsOf(older), exportsOf(younger)];
  return some.size === 0 ? others.size === 0 : [...some].every((one) => others.has(one));
}

function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  return Object.keys(a).length === Object.keys(b).length && selects(a, b);
}

/** The older rule's policy, if it has one, and the subsets of both; of two with one name the older one's. */
function merge(older: DestinationRule, younger: DestinationRule): DestinationRule {
  const names = new Set(older.subsets.map((subset) => subset.name));
  const subsets = [...older.subsets, ...younger.subsets.filter((subset) => !names.has(subset.name))];
  return { ...older, policy: older.policy === NO_POLICY ? younger.policy : older.policy, subsets };
}
