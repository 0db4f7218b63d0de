import type { AuthorizationPolicySpec } from '../../../../imports/istio/authorization-policy.types';
import { attach } from '../../model/attachment';
import type { Place } from '../../model/place';
import type { Metadata } from '../../model/resource';
import { readDryRun } from '../dry-run';
import { readRbacRules } from '../rbac-reading';
import type { Reader } from '../reader';
import type { Access } from './model';
import { access } from './model';

/** https://istio.io/latest/docs/reference/config/security/authorization-policy/ */
export const accessReader: Reader = {
  policies: {
    AuthorizationPolicy(spec, place, metadata) {
      const { action = 'ALLOW' } = spec;
      return action === 'CUSTOM' ? [] : [attach(access, readAccess(spec, action, { place, metadata }))];
    },
  },
};

function readAccess(spec: AuthorizationPolicySpec, action: Access['action'], { place, metadata }: { place: Place; metadata: Metadata }): Access {
  const { rules = [], provider } = spec;
  if (provider) {
    place.at('provider').problem(`is for action CUSTOM only, got ${action}: it is left out`, 'warning');
  }
  if (rules.length === 0 && action !== 'ALLOW') {
    place.at('rules').problem(`is empty, so that nothing is ever ${action === 'DENY' ? 'denied' : 'audited'}: a rule {} holds for every request`, 'warning');
  }
  const dryRun = readDryRun(metadata, place);
  if (dryRun && action === 'AUDIT') {
    place.at('action').problem('AUDIT denies nothing, so there is nothing to try, and Istio refuses it: leave the annotation out', 'warning');
  }
  return { action, dryRun, rules: readRbacRules(spec, place, metadata) };
}
