import type { EnvoyFilterSpec } from '../../istio';
import { checkSelected } from './names';
import { each, type Tell } from './tell';

type Patch = NonNullable<EnvoyFilterSpec['configPatches']>[number];
type Subject = NonNullable<Patch['applyTo']>;
type Filter = NonNullable<NonNullable<NonNullable<NonNullable<Patch['match']>['listener']>['filterChain']>['filter']>;

const MANAGERS: ReadonlySet<string> = new Set(['envoy.filters.network.http_connection_manager', 'envoy.http_connection_manager']);
/** What a match may be about, by what is patched; pkg/config/validation/envoyfilter of istio/istio. */
const PLACES: Readonly<Partial<Record<Subject, 'listener' | 'routeConfiguration' | 'cluster'>>> = {
  LISTENER: 'listener', FILTER_CHAIN: 'listener', NETWORK_FILTER: 'listener', HTTP_FILTER: 'listener',
  ROUTE_CONFIGURATION: 'routeConfiguration', VIRTUAL_HOST: 'routeConfiguration', HTTP_ROUTE: 'routeConfiguration',
  CLUSTER: 'cluster',
};

export function checkEnvoyFilter({ configPatches, workloadSelector }: EnvoyFilterSpec, tell: Tell): void {
  if (workloadSelector) checkSelected(workloadSelector.labels, 'spec.workloadSelector.labels', tell);
  each(configPatches, 'spec.configPatches', ({ applyTo, match, patch }, path) => {
    const place = applyTo && PLACES[applyTo];
    const other = place && (['listener', 'routeConfiguration', 'cluster'] as const).find((one) => one !== place && match?.[one]);
    if (other) tell(`${path}.match.${other}`, `says nothing of ${applyTo}, and Istio refuses it: write ${place}`);
    const filter = match?.listener?.filterChain?.filter;
    if (place === 'listener' && filter) checkFilter(filter, { applyTo, path: `${path}.match.listener.filterChain.filter` }, tell);
    const { typed_config: snake, typedConfig: camel } = (patch?.value ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
    const config = snake ?? camel;
    if (config && typeof config === 'object' && config['@type'] === undefined) tell(`${path}.patch.value`, 'has a typed_config without @type: of which type of Envoy\'s API is it?');
  });
}

function checkFilter({ name, subFilter }: Filter, { applyTo, path }: { readonly applyTo?: Subject; readonly path: string }, tell: Tell): void {
  if (!name) tell(`${path}.name`, 'is empty: by what name is the filter found?');
  else if (subFilter && applyTo !== 'HTTP_FILTER') tell(`${path}.subFilter`, `is for applyTo: HTTP_FILTER only, got ${applyTo}`);
  else if (subFilter && !MANAGERS.has(name)) tell(`${path}.subFilter`, `is a filter of ${[...MANAGERS][0]}, got ${name}`);
  else if (subFilter && !subFilter.name) tell(`${path}.subFilter.name`, 'is empty: by what name is the filter found?');
}
