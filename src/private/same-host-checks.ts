import type { ApiObject } from 'cdk8s';
import type { DestinationRuleSpec } from '../../imports/istio/destination-rule.types';
import type { VirtualServiceSpec } from '../../imports/istio/virtual-service.types';
import { MergedDestinationRule, MergedVirtualService } from '../merged-object';
import { serviceHost } from './names';
import { namespaceOf, type Print } from './printed-object';

interface Ruled {
  readonly object: ApiObject;
  /** The host, and whose callers the rules are for. */
  readonly keys: readonly string[];
}

/**
 * Of two VirtualServices for one host, proxies follow the older one only, and of two DestinationRules with policies or subsets of one name, too
 * (IST0109). The one that is not of a construct is told.
 */
export function sameHostErrors(objects: readonly ApiObject[], print: Print): ReadonlyMap<ApiObject, string[]> {
  const virtualServices = objects.filter(({ kind }) => kind === 'VirtualService').map((object) => ruledByVirtualService(object, print));
  const destinationRules = objects.filter(({ kind }) => kind === 'DestinationRule').map((object) => ruledByDestinationRule(object, print));
  return new Map([
    ...clashes(virtualServices, 'both have rules for it, and proxies follow the older one only; add the rules to the service: service.route(…), or service.virtualService.spec(…)'),
    ...clashes(destinationRules, 'both say this of it, and proxies follow the older one only; add it to the service with a construct, or service.destinationRule.spec(…)'),
  ]);
}

function ruledByVirtualService(object: ApiObject, print: Print): Ruled {
  const { hosts = [], gateways, exportTo } = (print(object).spec ?? {}) as VirtualServiceSpec;
  const forMesh = (gateways === undefined || gateways.length === 0 || gateways.includes('mesh'));
  return { object, keys: forMesh ? texts(hosts).map((host) => keyOf(host, object, exportTo)) : [] };
}

function ruledByDestinationRule(object: ApiObject, print: Print): Ruled {
  const { host = '', subsets = [], trafficPolicy, workloadSelector, exportTo } = (print(object).spec ?? {}) as Partial<DestinationRuleSpec>;
  if (workloadSelector !== undefined || typeof host !== 'string') {
    return { object, keys: [] };
  }
  const key = keyOf(host, object, exportTo);
  return { object, keys: [...(trafficPolicy === undefined ? [] : [`${key} (trafficPolicy)`]), ...texts(listed(subsets).map((subset) => subset?.name)).map((name) => `${key} (subset ${name})`)] };
}

/** Raw objects may hold anything, which the checks of their fields report. */
function listed<T>(value: readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: readonly unknown[]): string[] {
  return listed(value).filter((text): text is string => typeof text === 'string');
}

/** Rules that are exported to their own namespace only do not meet those of others. */
function keyOf(host: string, object: ApiObject, exportTo: readonly string[] | undefined): string {
  const namespace = namespaceOf(object);
  const full = host.includes('.') || host === '*' ? host : serviceHost(host, namespace);
  return exportTo?.length === 1 && exportTo[0] === '.' ? `${full} for callers in ${namespace}` : full;
}

function clashes(all: readonly Ruled[], fix: string): [ApiObject, string[]][] {
  const first = new Map<string, ApiObject>();
  const ours = ({ object }: Ruled): boolean => object.constructor === MergedVirtualService || object.constructor === MergedDestinationRule;
  return [...all.filter(ours), ...all.filter((ruled) => !ours(ruled))].flatMap(({ object, keys }): [ApiObject, string[]][] => {
    const taken = keys.find((key) => first.has(key) && first.get(key) !== object);
    keys.filter((key) => !first.has(key)).forEach((key) => first.set(key, object));
    return taken === undefined ? [] : [[object, [`${object.kind} ${object.name}: ${taken}: ${first.get(taken)!.node.path} and ${object.node.path} ${fix}`]]];
  });
}
