import type { Place } from '../model/place';

export interface Range {
  readonly min: number;
  readonly max: number;
}

export const PERCENT: Range = { min: 0, max: 100 };
/** What an answer can be; Envoy refuses others. */
export const STATUS: Range = { min: 200, max: 599 };
export const PORT: Range = { min: 1, max: 65_535 };
const COUNT: Range = { min: 0, max: 0xffff_ffff };

/** A number of a field that must lie in a range; undefined where it is not set or does not. */
export function readNumber(value: number | undefined, { min, max }: Range, place: Place): number | undefined {
  if (value === undefined || (value >= min && value <= max)) {
    return value;
  }
  place.problem(`is ${value}, but must be between ${min} and ${max}: it is left out`);
  return undefined;
}

/** A number without which the piece means nothing. */
export function readRequired(value: number | undefined, { min, max }: Range, place: Place): number | undefined {
  if (value === undefined) {
    place.problem(`is missing: give a number between ${min} and ${max}`);
    return undefined;
  }
  return readNumber(value, { min, max }, place);
}

/** A number of things. Zero means "not set": Istio cannot tell the two apart either. */
export function readCount(value: number | undefined, place: Place, max = COUNT.max): number | undefined {
  return readNumber(value, { ...COUNT, max }, place) || undefined;
}
