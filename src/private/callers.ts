import type { IConstruct } from 'constructs';
import { MeshError } from '../mesh-error';
import type { CallerReference, CallerSelector, ICallable } from '../mesh-member';
import type { RuleScope } from '../route-rule';
import type { Caller, Scope } from './alternatives';
import { isPlain } from './merge';

/** A rule's scope with its callers as labels. */
export function scopeOf(rule: RuleScope, construct: IConstruct): Scope {
  return { match: rule.match, from: rule.from?.map((caller, index) => callerOf(caller, `from[${index}]`, construct)) };
}

function callerOf(reference: CallerReference, name: string, construct: IConstruct): Caller {
  if (isSelector(reference)) {
    return { namespace: reference.namespace, labels: reference.labels ?? {} };
  }
  checkReference(reference, name, construct);
  const { service, version } = 'service' in reference ? reference : { service: reference, version: undefined };
  return { namespace: service.namespace, labels: { ...service.podLabels, ...(version === undefined ? {} : { version }) } };
}

/** Refuses what only plain JavaScript, or a service used before it is declared, can pass: nothing, or a service of another App. */
export function checkReference(reference: unknown, name: string, construct: IConstruct): void {
  const other = isObject(reference) && isObject(reference.service) ? reference.service : reference;
  if (!isObject(other) || !('rules' in other) || (other as unknown as ICallable).node.root !== construct.node.root) {
    throw new MeshError({
      construct,
      code: 'unknown-host',
      problem: `${name} ${other === undefined ? 'is undefined' : 'is no service of this App'}`,
      fix: 'declare the service first, or use `service.call(other)` where two services call each other; use MeshService.fromName for a service of another repository',
    });
  }
}

/** A service has both `namespace` and `rules`; a selector only what it selects by. */
function isSelector(reference: CallerReference): reference is CallerSelector {
  return isPlain(reference) && !('service' in reference) && Object.keys(reference).length > 0
    && Object.keys(reference).every((key) => key === 'namespace' || key === 'labels');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
