import type { ResourceMap } from '../model/snapshot';
import { resourceKey } from '../model/snapshot';
import type { Labels } from '../model/workload';

/** Kubernetes gives every namespace this label. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** Which namespaces a listener or a Gateway lets in; undefined: all. */
export function allowedNamespaces(
  allowed: { readonly from?: string; readonly selector?: LabelSelector } | undefined, own: string, namespaces: () => ResourceMap,
): ReadonlySet<string> | undefined {
  switch (allowed?.from) {
    case 'All':
      return undefined;
    case 'None':
      return new Set();
    case 'Selector': {
      const { selector = {} } = allowed;
      const all = [...namespaces().values()].map((one) => one.metadata);
      return new Set(all.filter(({ name, labels }) => selectsLabels(selector, { ...labels, [NAME_LABEL]: name })).map(({ name }) => name));
    }
    default:
      return new Set([own]);
  }
}

/** Those that are written down, and those in which something stands: every cluster has them, and manifests often leave them out. */
export function knownNamespaces(given: ResourceMap, used: readonly string[]): ResourceMap {
  const missing = used.filter((name) => !given.has(resourceKey('', name)));
  return missing.length === 0 ? given : new Map([
    ...given,
    ...missing.map((name) => [resourceKey('', name), { apiVersion: 'v1', kind: 'Namespace', metadata: { name, namespace: '' } }] as const),
  ]);
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
export function selectsLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  const has = (name: string): boolean => Object.hasOwn(labels, name);
  return Object.entries(matchLabels).every(([name, value]) => has(name) && labels[name] === value)
    && matchExpressions.every(({ key, operator, values = [] }) => {
      switch (operator) {
        case 'In':
          return has(key) && values.includes(labels[key]);
        case 'NotIn':
          return !has(key) || !values.includes(labels[key]);
        case 'Exists':
          return has(key);
        case 'DoesNotExist':
          return !has(key);
        default:
          return false;
      }
    });
}
