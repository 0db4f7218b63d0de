/** What a number is judged against: how many calls there were, and how many answers had a status. */
export interface Tally {
  readonly total: number;
  readonly status: ReadonlyMap<string, number>;
}

/** A number that is expected, as it stands in a checks file: `5`, `5..10`, `100 ± 50`, `at least 1`, `10 % ± 5 %`, `count of 503`, `6s ± 500ms`. */
export interface Quantity {
  readonly text: string;
  holds(value: number, tally: Tally): boolean;
  /** A number that may still grow holds only when it has stopped growing. */
  readonly bounded: boolean;
}

export type Unit = 'count' | 'time';

type Term = (tally: Tally) => number;

const NUMBER = String.raw`(\d+(?:\.\d+)?)\s*(%|ms|s|m)?`;
const RANGE = new RegExp(String.raw`^${NUMBER}\s*\.\.\s*${NUMBER}$`);
const AROUND = new RegExp(String.raw`^${NUMBER}\s*(?:±|\+-|\+/-)\s*${NUMBER}$`);
const COMPARED = new RegExp(String.raw`^(<=|>=|<|>|at least|at most|under|over)\s*${NUMBER}$`);
const EXACT = new RegExp(String.raw`^${NUMBER}$`);
const COUNT_OF = /^count of (\d{3}|error)$/;
/** YAML wants quotes around `>`: the words read better anyway. */
const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  'under': (value, bound) => value < bound,
  'at most': (value, bound) => value <= bound,
  'over': (value, bound) => value > bound,
  'at least': (value, bound) => value >= bound,
};
const SIGNS: Readonly<Record<string, string>> = { '<': 'under', '<=': 'at most', '>': 'over', '>=': 'at least' };
const TIMES: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
/** A proxy's timers and the clock that measures are two: what is to take 2.5 s may seem to have taken 2.49 s. Lower bounds of times give way by that much. */
const TIMER_TOLERANCE_MS = 20;

/** Gives undefined for what is none. */
export function parseQuantity(value: number | string, unit: Unit): Quantity | undefined {
  const text = String(value).trim();
  const counted = COUNT_OF.exec(text);
  if (counted && unit === 'count') return exact(text, ({ status }) => status.get(counted[1]) ?? 0);
  return parseRange(text, unit) ?? parseCompared(text, unit) ?? parseExact(text, unit);
}

function parseRange(text: string, unit: Unit): Quantity | undefined {
  const range = RANGE.exec(text);
  const around = AROUND.exec(text);
  const [, a, aUnit, b, bUnit] = range ?? around ?? [];
  const first = term(a, aUnit ?? (range ? bUnit : undefined), unit);
  const second = term(b, bUnit, unit);
  if (!first || !second) return undefined;
  const low: Term = (tally) => (range ? first(tally) : first(tally) - second(tally));
  const high: Term = (tally) => (range ? second(tally) : first(tally) + second(tally));
  const tolerance = unit === 'time' ? TIMER_TOLERANCE_MS : 0;
  return { text, bounded: true, holds: (value, tally) => value >= low(tally) - tolerance && value <= high(tally) };
}

function parseCompared(text: string, unit: Unit): Quantity | undefined {
  const [, operator, number, numberUnit] = COMPARED.exec(text) ?? [];
  const limit = term(number, numberUnit, unit);
  if (!limit) return undefined;
  const word = SIGNS[operator] ?? operator;
  const bounded = word === 'under' || word === 'at most';
  const tolerance = unit === 'time' && !bounded ? TIMER_TOLERANCE_MS : 0;
  return { text, bounded, holds: (value, tally) => COMPARISONS[word](value, limit(tally) - tolerance) };
}

/** Nothing takes exactly six seconds: a time needs a range. */
function parseExact(text: string, unit: Unit): Quantity | undefined {
  const [, number, numberUnit] = EXACT.exec(text) ?? [];
  const value = unit === 'count' ? term(number, numberUnit, unit) : undefined;
  return value && exact(text, value);
}

function exact(text: string, expected: Term): Quantity {
  return { text, bounded: true, holds: (value, tally) => value === expected(tally) };
}

function term(number: string | undefined, suffix: string | undefined, unit: Unit): Term | undefined {
  if (number === undefined) return undefined;
  if (unit === 'time') return suffix !== undefined && suffix in TIMES ? () => Number(number) * TIMES[suffix] : undefined;
  if (suffix === undefined) return () => Number(number);
  return suffix === '%' ? ({ total }) => (Number(number) / 100) * total : undefined;
}

/** `500ms`, `2s`, `1m` in milliseconds; the schema has made sure that it is one. */
export function parseDuration(text: string): number {
  const [, number, unit] = EXACT.exec(text) ?? [];
  return Number(number) * TIMES[unit];
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
