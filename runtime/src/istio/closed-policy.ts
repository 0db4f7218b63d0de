import type { Resource } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { decodeIstio } from './decode';

const ACCESS = 'security.istio.io/AuthorizationPolicy';

/** What stands for an object that nobody can read. */
export interface ClosedPolicy {
  readonly resource: Resource;
  readonly message: string;
}

/**
 * An access policy that the API server would refuse, and of which there is no version before: whatever it was to let in, nothing may come in
 * until it can be read. It is for the workloads that it names; if even that cannot be read, for all of its namespace.
 */
export function closedPolicy(given: Resource): ClosedPolicy | undefined {
  if (groupKind(given.apiVersion, given.kind) !== ACCESS) {
    return undefined;
  }
  const { selector, targetRef, targetRefs } = (given.spec ?? {}) as Readonly<Record<string, unknown>>;
  const base: Resource = { apiVersion: 'security.istio.io/v1', kind: given.kind, metadata: given.metadata };
  const denial = { action: 'DENY', rules: [{}] };
  const named = Object.fromEntries(Object.entries({ selector, targetRef, targetRefs }).filter(([, value]) => value !== undefined));
  const narrow = decodeIstio({ ...base, spec: { ...named, ...denial } });
  const { namespace } = given.metadata;
  return narrow.problems.length === 0 && narrow.resource
    ? { resource: narrow.resource, message: 'it cannot be read: until it can, everything is denied to the workloads that it is for' }
    : { resource: { ...base, spec: denial }, message: `it cannot be read, nor whom it is for: until it can, everything is denied wherever policies of namespace ${namespace} reach` };
}
