import { attach } from '../../model/attachment';
import type { MeshSettings } from '../../model/mesh';
import type { WorkloadPolicy } from '../../model/workload-policy';
import type { FoundCluster, Linker } from '../linker';
import type { Authorizer } from './model';
import { authorizers, externalAccess, foundAuthorizer } from './model';

/** Finds out who decides, and where. A policy for which nobody can be found denies. */
export const externalAuthorizerLinker: Linker = {
  refers(policy, settings) {
    const authorizer = authorizerOf(policy, settings);
    return typeof authorizer === 'object' ? [{ kind: 'cluster', service: authorizer.service, port: authorizer.port }] : policy.features.get(externalAccess) && [];
  },

  link(policy, [found], { settings, place }) {
    const authorizer = authorizerOf(policy, settings);
    const { host = '', cluster, fault } = (found ?? {}) as Partial<FoundCluster>;
    if (typeof authorizer === 'object' && cluster !== undefined) {
      return [attach(foundAuthorizer, { authorizer, host, cluster })];
    }
    place.at('spec').at('provider').at('name').problem(`${fault ?? whyNobody(policy, settings)}; whatever the rules are about is denied until then`);
    return [];
  },
};

function whyNobody({ features }: WorkloadPolicy, settings: MeshSettings): string {
  const provider = features.get(externalAccess)?.provider ?? '';
  const known = settings.features.get(authorizers);
  return known?.has(provider) ? `the provider '${provider}' of MeshConfig cannot be read`
    : `MeshConfig has no provider '${provider}' that decides about requests: it has ${[...known?.keys() ?? []].join(', ') || 'none'}`;
}

function authorizerOf({ features }: WorkloadPolicy, settings: MeshSettings): Authorizer | 'unreadable' | undefined {
  const custom = features.get(externalAccess);
  return custom && settings.features.get(authorizers)?.get(custom.provider);
}
