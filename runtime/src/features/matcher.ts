import type { FractionalPercent, StringMatcher } from '../envoy';
import { FractionalPercent_DenominatorType } from '../envoy';
import type { StringMatch } from '../model/match';

export function stringMatcher(match: StringMatch): StringMatcher {
  switch (match.kind) {
    case 'exact':
      return { exact: match.value };
    case 'prefix':
      return { prefix: match.value };
    case 'regex':
      return { safeRegex: { regex: match.value } };
    case 'present':
      return { safeRegex: { regex: '.*' } };
  }
}

/** To a ten-thousandth of a percent, which is as fine as Envoy goes. */
export function fractionalPercent(percent: number): FractionalPercent {
  return Number.isInteger(percent)
    ? { numerator: percent, denominator: FractionalPercent_DenominatorType.HUNDRED }
    : { numerator: Math.round(percent * 10_000), denominator: FractionalPercent_DenominatorType.MILLION };
}
