import { compare } from '../../model/host';
import type { Problem } from '../../model/problem';
import type { PolicyContext } from '../emitter';
import { externalAccess } from './model';

/** Istio says so in the log of its control plane only (pilot/pkg/security/authz/builder). */
export function doubtsOfAuthorizers({ policies, settings }: PolicyContext): Problem[] {
  const asking = policies.flatMap(({ resource, features }) => {
    const custom = features.get(externalAccess);
    return custom ? [{ resource, provider: custom.provider }] : [];
  });
  const providers = [...new Set(asking.map(({ provider }) => provider))].sort(compare);
  if (providers.length < 2 || settings.switches.severalAuthorizers) {
    return [];
  }
  return asking.map(({ resource, provider }) => {
    const others = asking.filter((one) => one.provider !== provider).map((one) => `'${one.provider}' of AuthorizationPolicy ${one.resource.namespace}/${one.resource.name}`);
    return {
      resource, path: 'spec.provider.name',
      message: `'${provider}' is to decide for workloads for which ${others.join(' and ')} is to decide too, and one provider is all that a workload may have: whatever the rules of any of these `
        + 'policies are about is denied there; name one provider, select other workloads, or set PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS=true for the control plane',
    };
  });
}
