import type { VirtualServiceSpec, VirtualServiceSpecHttp } from '../../../../imports/istio/virtual-service.types';
import { resolveHost } from '../../model/host';
import { Place } from '../../model/place';
import type { Problem } from '../../model/problem';
import type { Resource } from '../../model/resource';
import { refOf } from '../../model/resource';
import type { HttpRule, VirtualService } from '../../model/route';
import type { ResourceMap } from '../../model/snapshot';
import { resourceKey } from '../../model/snapshot';
import type { ExportTo } from '../../model/workload';
import { visibleTo } from '../../model/workload';
import { Derived, InputCache, ObjectCache } from '../cache';
import { Followed } from '../list-change';
import { mergeMatches } from './delegate-match';
import { readExportTo } from './export-to';
import type { Reading } from './kind';
import { readHttpRule, resolveGateway } from './virtual-service';

type Rule = VirtualServiceSpecHttp;

interface Merged {
  readonly http: readonly HttpRule[];
  readonly problems: readonly Problem[];
}

/** Fields that a delegate's rule inherits where it does not set them itself. */
const INHERITED = [
  'rewrite', 'directResponse', 'timeout', 'retries', 'fault', 'mirror', 'mirrorPercent', 'mirror_percent', 'mirrorPercentage', 'mirrors', 'corsPolicy', 'headers',
] as const satisfies readonly (keyof Rule)[];

/**
 * Puts the rules of delegates where other VirtualServices name them (https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate).
 * An edit of a delegate makes those anew that name it, and no others.
 */
export class DelegatesReader {
  private readonly wanted = new Derived((resource: Resource) => wantedBy(resource));
  private readonly latestRoots = new Followed((resources: readonly Resource[]) => resources.filter((one) => this.wanted.of(one).length > 0), ({ gone, come }) =>
    [...gone, ...come].every((one) => this.wanted.of(one).length === 0));
  private readonly roots = new Derived((resources: ResourceMap) => this.latestRoots.of([...resources.values()]));
  private readonly merged = new ObjectCache<Resource, Merged>(2);
  private readonly whole = new ObjectCache<VirtualService, VirtualService>(2);
  private readonly readings = new InputCache<Reading<VirtualService>>(2);

  /** @param exportedTo to whom delegates are visible that do not say so */
  public read(resources: ResourceMap, own: Reading<VirtualService>, exportedTo: readonly string[] | undefined): Reading<VirtualService> {
    const roots = this.roots.of(resources);
    if (roots.length === 0) {
      return own;
    }
    const merged = roots.map((root) => this.mergedOf(root, resources, exportedTo));
    return this.readings.get('', [own, ...roots, ...merged], () => {
      const rules = new Map(roots.map((root, i) => [keyOf(root), merged[i].http]));
      const values = own.values.map((one) => this.withRules(one, rules.get(resourceKey(one.resource.namespace, one.resource.name))));
      return { values, problems: [...own.problems, ...merged.flatMap((one) => one.problems)] };
    });
  }

  private mergedOf(root: Resource, resources: ResourceMap, exportedTo: readonly string[] | undefined): Merged {
    const delegates = this.wanted.of(root).map((key) => resources.get(key));
    return this.merged.get(root, [exportedTo, ...delegates], () => mergeSafely(root, resources, exportedTo));
  }

  private withRules(one: VirtualService, http: readonly HttpRule[] | undefined): VirtualService {
    return http ? this.whole.get(one, [http], () => ({ ...one, http })) : one;
  }
}

function rulesOf({ spec }: Resource): readonly Rule[] {
  return (spec as VirtualServiceSpec | undefined)?.http ?? [];
}

function keyOf({ metadata: { namespace, name } }: Resource): string {
  return resourceKey(namespace, name);
}

function delegateKey({ delegate }: Rule, namespace: string): string | undefined {
  return delegate && resourceKey(delegate.namespace || namespace, delegate.name ?? '');
}

/** Delegates cannot delegate, so only those with hosts count. */
function wantedBy(resource: Resource): readonly string[] {
  const { hosts } = resource.spec as VirtualServiceSpec;
  return hosts?.length ? rulesOf(resource).flatMap((rule) => delegateKey(rule, resource.metadata.namespace) ?? []) : [];
}

function mergeSafely(root: Resource, resources: ResourceMap, exportedTo: readonly string[] | undefined): Merged {
  const problems: Problem[] = [];
  const place = Place.of(refOf(root), problems).at('spec').at('http');
  try {
    return { http: mergeRules(root, resources, { exportedTo, place }), problems };
  } catch (error) {
    place.problem(`cannot be put together with its delegates (${(error as Error).message}): compare them with the reference of VirtualService`);
    return { http: [], problems };
  }
}

function mergeRules(root: Resource, resources: ResourceMap, { exportedTo, place }: { exportedTo: readonly string[] | undefined; place: Place }): HttpRule[] {
  // What is wrong with single fields was said where they stand, when the root and the delegate were read.
  const silent = Place.of(refOf(root), []).at('spec').at('http');
  const { namespace } = root.metadata;
  return rulesOf(root).flatMap((rule, i): HttpRule[] => {
    const key = delegateKey(rule, namespace);
    if (key === undefined) {
      return readHttpRule(rule, silent.at(i), namespace);
    }
    const delegate = findDelegate(resources.get(key), key, { namespace, exportedTo, place: place.at(i).at('delegate') });
    return delegate ? includeRules(rule, { namespace, delegate, place: place.at(i).at('delegate') }) : [];
  });
}

function findDelegate(
  found: Resource | undefined, key: string, { namespace, exportedTo, place }: { namespace: string; exportedTo: readonly string[] | undefined; place: Place },
): Resource | undefined {
  const spec = found?.spec as VirtualServiceSpec | undefined;
  if (!found || !spec) {
    place.problem(`there is no VirtualService ${key}: create it, or correct the name; requests of this rule are passed on to the next`);
    return undefined;
  }
  if (spec.hosts?.length) {
    place.problem(`VirtualService ${key} has hosts of its own (${spec.hosts.join(', ')}), so it is no delegate: take its hosts away; requests of this rule are passed on to the next`);
    return undefined;
  }
  const exportTo: ExportTo = readExportTo(spec.exportTo?.length ? spec.exportTo : exportedTo, found.metadata.namespace);
  if (!visibleTo(exportTo, namespace)) {
    place.problem(`VirtualService ${key} is not exported to namespace ${namespace}: add it to its exportTo; requests of this rule are passed on to the next`);
    return undefined;
  }
  return found;
}

function includeRules(root: Rule, { namespace, delegate, place }: { namespace: string; delegate: Resource; place: Place }): HttpRule[] {
  const complete = completed(root, namespace);
  const rules = Place.of(refOf(delegate), []).at('spec').at('http');
  return rulesOf(delegate).flatMap((rule, i) => {
    const leaf = completed(rule, delegate.metadata.namespace);
    const { matches, conflict } = mergeMatches(complete.match ?? [], leaf.match ?? []);
    if (conflict !== undefined) {
      const { path } = rules.at(i).at('match').at(conflict);
      place.problem(`rule ${i} of VirtualService ${keyOf(delegate)} is left out: its ${path} does not lie within any match of this rule; a delegate can only `
        + 'narrow what it is given (a prefix to a longer one, no regex where the other has a condition too)', 'warning');
      return [];
    }
    // Every name is complete by now, so the namespace no longer matters.
    return rule.delegate ? [] : readHttpRule(inherited(complete, { ...leaf, match: [...matches] }), rules.at(i), namespace);
  });
}

function inherited(root: Rule, leaf: Rule): Rule {
  const fields = Object.fromEntries(INHERITED.map((field) => [field, leaf[field] ?? root[field]]));
  return { ...leaf, ...fields, name: [root.name, leaf.name].filter((name) => name).join('-') || undefined };
}

/** Short names belong to the namespace of the object in which they stand. */
function completed(rule: Rule, namespace: string): Rule {
  const complete = <T extends { readonly host: string }>(destination: T): T => ({ ...destination, host: resolveHost(destination.host.toLowerCase(), namespace) });
  return {
    ...rule,
    match: rule.match?.map((match) => ({ ...match, gateways: match.gateways?.map((gateway) => resolveGateway(gateway, namespace)) })),
    route: rule.route?.map((one) => ({ ...one, destination: complete(one.destination) })),
    mirror: rule.mirror && complete(rule.mirror),
    mirrors: rule.mirrors?.map((one) => ({ ...one, destination: complete(one.destination) })),
  };
}
