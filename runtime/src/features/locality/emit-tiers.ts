import type { Endpoint } from '../../model/endpoint';
import type { EndpointGroup, Locality, Standpoint } from '../../model/locality';
import { NETWORK_LABEL, parseLocality } from '../../model/locality';
import type { Distribution, Failover } from './model';
import { within } from './read-distribute';

type Groups = readonly EndpointGroup[];

function weightOf(endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((sum, endpoint) => sum + (endpoint.weight ?? 1), 0);
}

/** Shares of localities. Where nothing is said for the caller's own place, all are alike; places that get no share get nothing. */
export function distributed(groups: Groups, caller: Standpoint, distribute: readonly Distribution[]): Groups {
  const setting = distribute.find((one) => within(caller.locality, one.from));
  return setting ? groups.flatMap((group) => {
    const share = setting.to.find((one) => within(group.locality, one.locality));
    // Several localities of one share divide it by what stands there.
    const beside = share ? groups.filter((one) => within(one.locality, share.locality)).reduce((sum, one) => sum + one.weight, 0) : 0;
    return share ? [{ ...group, weight: Math.ceil((group.weight * share.weight) / beside) }] : [];
  }) : groups;
}

/** Own sub-zone, own zone, own region, the region to fail over to, everything else. */
export function failingOver(groups: Groups, caller: Standpoint, failover: readonly Failover[]): Groups {
  const own = parseLocality(caller.locality);
  const rule = failover.find((one) => one.from === own.region);
  return compacted(groups.map((group) => {
    const there = parseLocality(group.locality);
    const distance = distanceTo(own, there);
    return { ...group, priority: group.priority * 5 + (distance === 3 && rule && rule.to !== there.region ? 4 : distance) };
  }));
}

function distanceTo(own: Locality, there: Locality): number {
  if (own.region !== there.region) {
    return 3;
  }
  return own.zone !== there.zone ? 2 : own.subZone !== there.subZone ? 1 : 0;
}

/** Own region (whose zones Envoy balances), the region to fail over to, everything else. */
export function failingOverRegions(groups: Groups, caller: Standpoint, failover: readonly Failover[]): Groups {
  const { region } = parseLocality(caller.locality);
  const rule = failover.find((one) => one.from === region);
  return compacted(groups.map((group) => {
    const there = parseLocality(group.locality).region;
    return { ...group, priority: group.priority * 3 + (there === region ? 0 : there === rule?.to ? 1 : 2) };
  }));
}

/**
 * By how many of the labels, from the first on, the endpoint has what the caller has, or what is written after `=`. Another network
 * comes after everything of the own one.
 */
export function prioritized(groups: Groups, caller: Standpoint, labels: readonly string[]): Groups {
  const wanted = labels.map((text): [string, string | undefined] => {
    const [name, value, ...rest] = text.split('=');
    return [name, value !== undefined && rest.length === 0 ? value : caller.labels[name]];
  });
  const isNetworkFirst = labels[0] === NETWORK_LABEL;
  const priorityOf = ({ labels: own }: Endpoint): number => {
    const differs = ([name, value]: [string, string | undefined]) => (value ?? '') !== (own[name] ?? '');
    const elsewhere = isNetworkFirst && differs(wanted[0]);
    const first = wanted.findIndex((one, i) => !(elsewhere && i === 0) && differs(one));
    return (first < 0 ? 0 : labels.length - first) + (elsewhere ? labels.length : 0);
  };
  return compacted(groups.flatMap((group) => split(group, priorityOf)));
}

function split(group: EndpointGroup, priorityOf: (endpoint: Endpoint) => number): EndpointGroup[] {
  const parts = new Map<number, Endpoint[]>();
  for (const endpoint of group.endpoints) {
    const priority = priorityOf(endpoint);
    parts.set(priority, [...(parts.get(priority) ?? []), endpoint]);
  }
  return [...parts].sort(([a], [b]) => a - b).map(([priority, endpoints]) => ({ ...group, endpoints, priority, weight: weightOf(endpoints) }));
}

/** Envoy takes priorities from 0 on, without gaps. */
function compacted(groups: Groups): Groups {
  const used = [...new Set(groups.map((group) => group.priority))].sort((a, b) => a - b);
  return groups.map((group) => ({ ...group, priority: used.indexOf(group.priority) }));
}
