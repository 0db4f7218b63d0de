import type { AuthorizationPolicySpec } from '../../imports/istio/authorization-policy.types';

/** How a policy says whom it is for. */
export type Selection = Pick<AuthorizationPolicySpec, 'selector' | 'targetRefs'>;
