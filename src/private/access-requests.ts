import type { AuthorizationPolicySpecRulesFrom, AuthorizationPolicySpecRulesToOperation, AuthorizationPolicySpecRulesWhen } from '../../imports/istio/authorization-policy.types';

/** Whether a part of a rule asks for what only requests have. */
export function asksForRequests({ from = [], operation = {}, when = [] }: {
  readonly from?: readonly AuthorizationPolicySpecRulesFrom[];
  readonly operation?: AuthorizationPolicySpecRulesToOperation;
  readonly when?: readonly AuthorizationPolicySpecRulesWhen[];
}): boolean {
  const { methods, notMethods, paths, notPaths, hosts, notHosts } = operation;
  return [methods, notMethods, paths, notPaths, hosts, notHosts].some((field) => field !== undefined)
    || from.some(({ source }) => (source?.requestPrincipals ?? source?.notRequestPrincipals) !== undefined)
    || when.some(({ key }) => key.startsWith('request.'));
}
