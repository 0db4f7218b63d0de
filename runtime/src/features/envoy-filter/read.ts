import { RE2JS } from 're2js';
import type { EnvoyFilterSpec, EnvoyFilterSpecConfigPatches } from '../../../../imports/istio/envoy-filter.types';
import type { Place } from '../../model/place';
import type { Resource } from '../../model/resource';
import type { Labels } from '../../model/workload';
import type { Side } from '../../model/proxy';
import type { Operation, Patch, PatchSet, Subject } from './model';
import { readMatch } from './read-match';

type Spec<T extends keyof EnvoyFilterSpec> = NonNullable<EnvoyFilterSpec[T]>;

const INSERTS: ReadonlySet<string> = new Set(['INSERT_BEFORE', 'INSERT_AFTER', 'INSERT_FIRST']);
/** Lists in which the order counts. */
const ORDERED: ReadonlySet<string> = new Set(['LISTENER_FILTER', 'NETWORK_FILTER', 'HTTP_FILTER', 'HTTP_ROUTE']);
const REPLACEABLE: ReadonlySet<string> = new Set(['LISTENER_FILTER', 'NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST']);

/** https://istio.io/latest/docs/reference/config/networking/envoy-filter/ */
export function readEnvoyFilter(resource: Resource, place: Place): readonly PatchSet[] {
  const spec = (resource.spec ?? {}) as EnvoyFilterSpec;
  const { namespace, creationTimestamp } = resource.metadata;
  const at = place.at('spec').at('configPatches');
  return [{
    resource: place.resource,
    namespace,
    priority: spec.priority ?? 0,
    created: creationTimestamp ?? '',
    selectors: readSelectors(spec, place.at('spec')),
    patches: (spec.configPatches ?? []).flatMap((one, i) => readPatch(one, { priority: spec.priority ?? 0, place: at.at(i) })),
  }];
}

function readSelectors({ workloadSelector, targetRefs }: EnvoyFilterSpec, place: Place): readonly Labels[] | undefined {
  if (targetRefs?.length) {
    return targetRefs.flatMap((ref, i) => readTarget(ref, place.at('targetRefs').at(i)));
  }
  return workloadSelector ? [workloadSelector.labels ?? {}] : undefined;
}

/** Pods of a Gateway of the Gateway API are known by their labels. */
function readTarget({ kind, name }: Spec<'targetRefs'>[number], place: Place): Labels[] {
  switch (kind) {
    case 'Gateway':
      return [{ 'gateway.networking.k8s.io/gateway-name': name }];
    case 'GatewayClass':
      return [{ 'gateway.networking.k8s.io/gateway-class-name': name }];
    default:
      place.problem(`${kind} '${name}' selects waypoints only, and there are none: use a workloadSelector, or a Gateway`, 'warning');
      return [];
  }
}

function readPatch(spec: EnvoyFilterSpecConfigPatches, { priority, place }: { readonly priority: number; readonly place: Place }): Patch[] {
  const operation = readOperation(spec, place);
  const side = readSide(spec, place);
  if (!operation || side === 'none') {
    return [];
  }
  const { value } = spec.patch ?? {};
  if (operation !== 'REMOVE' && value === undefined) {
    place.at('patch').at('value').problem(`is missing: ${operation} needs what is to be put there`);
    return [];
  }
  const version = readVersion(spec, place.at('match').at('proxy').at('proxyVersion'));
  return version === 'broken' ? [] : [{
    resource: place.resource,
    path: place.path,
    priority,
    subject: spec.applyTo as Subject,
    operation,
    side,
    proxy: { version, metadata: spec.match?.proxy?.metadata ?? {} },
    match: readMatch(spec.match ?? {}),
    value,
  }];
}

/** What may be done to what, as Istio's own validation has it (pkg/config/validation/validation.go, ValidateEnvoyFilter). */
function readOperation({ applyTo = 'INVALID', patch }: EnvoyFilterSpecConfigPatches, place: Place): Operation | undefined {
  const { operation = 'INVALID' } = patch ?? {};
  const wrong = wrongOperation(applyTo, operation);
  if (wrong) {
    place.at(wrong.path).problem(wrong.message);
    return undefined;
  }
  return operation as Operation;
}

function wrongOperation(applyTo: string, operation: string): { path: string; message: string } | undefined {
  if (applyTo === 'INVALID') {
    return { path: 'applyTo', message: 'is missing: say what is to be patched, such as HTTP_FILTER or CLUSTER' };
  }
  const message = operation === 'INVALID' ? 'is missing: say what is to be done, such as MERGE or INSERT_BEFORE'
    : INSERTS.has(operation) && !ORDERED.has(applyTo) ? `${operation} is for filters and routes only, whose order counts: use ADD`
      : operation === 'REPLACE' && !REPLACEABLE.has(applyTo) ? `REPLACE is for filters and virtual hosts only, got ${applyTo}: use MERGE, or REMOVE and ADD`
        : applyTo === 'EXTENSION_CONFIG' && operation !== 'ADD' ? `EXTENSION_CONFIG can be added only, got ${operation}`
          : applyTo === 'ROUTE_CONFIGURATION' && !operation.startsWith('MERGE') ? `a route configuration can be merged only, got ${operation}`
            : applyTo === 'BOOTSTRAP' && !operation.startsWith('MERGE') ? `the bootstrap can be merged only, got ${operation}`
              : undefined;
  return message === undefined ? undefined : { path: 'patch.operation', message };
}

function readSide({ match }: EnvoyFilterSpecConfigPatches, place: Place): Side | undefined | 'none' {
  const context = match?.context ?? 'ANY';
  if (context === 'WAYPOINT') {
    place.at('match').at('context').problem('WAYPOINT is for proxies of ambient mode, and there are none: the patch is left out', 'warning');
    return 'none';
  }
  return context === 'ANY' ? undefined : context;
}

function readVersion({ match }: EnvoyFilterSpecConfigPatches, place: Place): ((version: string) => boolean) | undefined | 'broken' {
  const { proxyVersion } = match?.proxy ?? {};
  if (!proxyVersion) {
    return undefined;
  }
  try {
    const pattern = RE2JS.compile(proxyVersion);
    return (version) => pattern.matcher(version).find();
  } catch (error) {
    place.problem(`'${proxyVersion}' is not a regular expression of RE2 (${(error as Error).message}): the patch is left out`);
    return 'broken';
  }
}
