import { key } from '../../model/attachment';
import type { RbacRule } from '../../model/rbac-rule';

/** Who may do what at a workload: an AuthorizationPolicy that Envoy decides on itself. */
export interface Access {
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT';
  /** It is only counted what it would do. */
  readonly dryRun: boolean;
  /** None: nothing is allowed, and nothing denied. */
  readonly rules: readonly RbacRule[];
}

export const access = key<Access>('access');
