import type { Place } from '../model/place';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };
const TERM = /(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)/y;

/** What a protobuf Duration holds: about 10,000 years. */
const MAX_DURATION = 315_576_000_000_000;

/** `1h30m`, `0.5s`, `250ms` → milliseconds; undefined where it is no duration. */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const term = TERM.exec(text);
    if (!term) {
      return undefined;
    }
    total += Number(term[1]) * UNITS[term[2]];
  }
  return text === '' ? undefined : total;
}

/** The duration of a field in milliseconds; undefined where it is not set, or not readable (then `place` gets a problem). */
export function readDuration(text: string | undefined, place: Place): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const duration = parseDuration(String(text));
  if (duration === undefined || duration > MAX_DURATION) {
    place.problem(`'${String(text)}' is not a duration: write a number and a unit, such as 1.5s, 250ms or 1h30m`);
    return undefined;
  }
  return duration;
}
