import { NOBODYS_KEY } from '../model/json-web-key';
import type { Resource } from '../model/resource';
import { groupKind } from '../model/snapshot';
import { decodeIstio } from './decode';

/** What lets nobody in, by kind, and what that is called. */
const CLOSED: Readonly<Record<string, { readonly spec: object; readonly meaning: string; readonly at: string }>> = {
  'security.istio.io/AuthorizationPolicy': { spec: { action: 'DENY', rules: [{}] }, meaning: 'everything is denied', at: 'to' },
  // Of nobody, and signed with what nobody has: whatever token comes, it is another.
  'security.istio.io/RequestAuthentication': { spec: { jwtRules: [{ issuer: 'nobody', jwks: NOBODYS_KEY }] }, meaning: 'it accepts no token', at: 'at' },
};

/** What stands for an object that nobody can read. */
export interface ClosedPolicy {
  readonly resource: Resource;
  readonly message: string;
}

/**
 * A policy that the API server would refuse, and of which there is no version before: whatever it was to let in, nothing may come in
 * until it can be read. It is for the workloads that it names; if even that cannot be read, for all of its namespace.
 */
export function closedPolicy(given: Resource): ClosedPolicy | undefined {
  const kind = groupKind(given.apiVersion, given.kind);
  if (!Object.hasOwn(CLOSED, kind)) {
    return undefined;
  }
  const { spec: denial, meaning, at } = CLOSED[kind];
  const { selector, targetRef, targetRefs } = (given.spec ?? {}) as Readonly<Record<string, unknown>>;
  const base: Resource = { apiVersion: 'security.istio.io/v1', kind: given.kind, metadata: given.metadata };
  const named = Object.fromEntries(Object.entries({ selector, targetRef, targetRefs }).filter(([, value]) => value !== undefined));
  const narrow = decodeIstio({ ...base, spec: { ...named, ...denial } });
  const { namespace } = given.metadata;
  return narrow.problems.length === 0 && narrow.resource
    ? { resource: narrow.resource, message: `it cannot be read: until it can, ${meaning} ${at} the workloads that it is for` }
    : { resource: { ...base, spec: denial }, message: `it cannot be read, nor whom it is for: until it can, ${meaning} wherever policies of namespace ${namespace} reach` };
}
