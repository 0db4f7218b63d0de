import type { LabelSelector } from '../../kubernetes';

type Labels = Readonly<Record<string, string>>;

/** An empty selector selects everything (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/). */
export function selectsLabels({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([name, value]) => valueOf(labels, name) === value)
    && matchExpressions.every(({ key, operator, values = [] }) => holds(operator, values, valueOf(labels, key)));
}

function valueOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** An operator that nobody knows holds for nothing: a policy that is not understood lets nobody in. */
function holds(operator: string, values: readonly string[], value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
