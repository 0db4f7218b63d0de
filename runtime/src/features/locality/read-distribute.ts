import type {
  DestinationRuleSpecTrafficPolicyLoadBalancerLocalityLbSettingDistribute as Spec,
} from '../../../../imports/istio/destination-rule.types';
import { parseLocality } from '../../model/locality';
import type { Place } from '../../model/place';
import type { Distribution } from './model';

/** Shares by place. A list that is wrong somewhere is left out as a whole: half of it would send requests where nobody wants them. */
export function readDistribute(list: readonly Spec[], place: Place): readonly Distribution[] {
  const overlap = overlapping(list.map((one) => one.from ?? ''));
  if (overlap) {
    place.problem(overlap);
    return [];
  }
  const read = list.map((spec, i) => readOne(spec, place.at(i)));
  return read.every((one) => one !== undefined) ? read : [];
}

function readOne({ from = '', to = {} }: Spec, place: Place): Distribution | undefined {
  const weights = Object.entries(to).map(([locality, weight]) => ({ locality, weight: Number(weight) }));
  const sum = weights.reduce((total, one) => total + one.weight, 0);
  const overlap = overlapping(Object.keys(to));
  const wrong = weights.some(({ weight }) => !Number.isInteger(weight) || weight < 1 || weight > 100) ? 'every share must be a whole number from 1 to 100'
    : sum !== 100 ? `shares must add up to 100, got ${sum} (${weights.map((one) => `${one.locality} ${one.weight}`).join(', ')})` : overlap;
  if (wrong) {
    place.at('to').problem(`${wrong}: distribute is left out`);
    return undefined;
  }
  return { from, to: weights };
}

/** A sentence where two patterns stand for one place, or one is no pattern. */
function overlapping(localities: readonly string[]): string | undefined {
  const bad = localities.find((one) => !/^(\*|[^/*]+(\/[^/*]+){0,2}|[^/*]+(\/[^/*]+)?\/\*)$/.test(one));
  if (bad !== undefined) {
    return `'${bad}' is no place such as region, region/zone, region/zone/sub-zone or region/zone/*`;
  }
  const seen: string[] = [];
  for (const one of localities) {
    const other = seen.find((before) => within(before, one) || within(one, before));
    if (other !== undefined) {
      return `'${one}' and '${other}' stand for some of the same places`;
    }
    seen.push(one);
  }
  return undefined;
}

/** Whether the place `inner` lies in `outer`. */
export function within(inner: string, outer: string): boolean {
  const [some, others] = [parseLocality(inner), parseLocality(outer)];
  const fits = (actual: string, wanted: string) => wanted === '*' || wanted === '' || actual === wanted;
  return (others.region === '*' || some.region === others.region) && fits(some.zone, others.zone) && fits(some.subZone, others.subZone);
}
