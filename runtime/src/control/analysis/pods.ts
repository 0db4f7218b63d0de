import type { Resource } from '../../model/resource';
import type { ResourceMap } from '../../model/snapshot';
import type { Labels } from '../../model/workload';
import { selects } from '../../model/workload';

const namespaces = new WeakMap<ResourceMap, ReadonlyMap<string, readonly Resource[]>>();
const NONE: readonly Resource[] = [];

/** Where the kinds say for which workloads they are. */
export type SelectorPath = 'selector.matchLabels' | 'workloadSelector.labels';

/** The objects of a namespace. */
export function inNamespace(map: ResourceMap, namespace: string): readonly Resource[] {
  let found = namespaces.get(map);
  if (!found) {
    const lists = new Map<string, Resource[]>();
    for (const resource of map.values()) {
      const list = lists.get(resource.metadata.namespace);
      if (list) list.push(resource);
      else lists.set(resource.metadata.namespace, [resource]);
    }
    namespaces.set(map, found = lists);
  }
  return found.get(namespace) ?? NONE;
}

/** The labels that an object's `spec` selects by, at a path; undefined where it selects all. */
export function selectorOf({ spec }: Resource, path: SelectorPath): Labels | undefined {
  const [first = '', second = ''] = path.split('.');
  const labels = (spec as Record<string, Record<string, Labels> | undefined> | undefined)?.[first]?.[second];
  return labels && Object.keys(labels).length > 0 ? labels : undefined;
}

export function hasLabels(resource: Resource, selector: Labels): boolean {
  return selects(selector, resource.metadata.labels ?? {});
}

/** `app=web, version=v1` */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels).map((pair) => pair.join('=')).join(', ');
}

/** Remembers the pod that was found for something the last time, which it most often still is. */
export class LastFound {
  private readonly keys = new Map<string, string>();

  public constructor(private readonly keyOf: (resource: Resource) => string) {}

  public find(asker: string, { pods, among, suits }: { pods: ResourceMap; among: () => readonly Resource[]; suits: (pod: Resource) => boolean }): Resource | undefined {
    const known = pods.get(this.keys.get(asker) ?? '');
    if (known && suits(known)) return known;
    const found = among().find(suits);
    if (found) this.keys.set(asker, this.keyOf(found));
    else this.keys.delete(asker);
    return found;
  }
}
