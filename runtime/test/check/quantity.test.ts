import fc from 'fast-check';
import { parseDuration, parseQuantity, type Tally, type Unit } from '../../src/engine/check/quantity';

const tally: Tally = { total: 1000, status: new Map([['200', 980], ['503', 20]]) };

function holds(text: number | string, value: number, unit: Unit = 'count'): boolean | undefined {
  return parseQuantity(text, unit)?.holds(value, tally);
}

test.each([
  [5, [5], [4, 6]],
  ['5', [5], [4, 6]],
  ['5..10', [5, 7, 10], [4, 11]],
  ['100 ± 50', [50, 100, 150], [49, 151]],
  ['100 +- 50', [50, 150], [49, 151]],
  ['at least 3', [3, 99], [2]],
  ['>= 3', [3, 99], [2]],
  ['at most 3', [0, 3], [4]],
  ['<= 3', [3], [4]],
  ['over 3', [4], [3]],
  ['> 3', [4], [3]],
  ['under 3', [2], [3]],
  ['< 3', [2], [3]],
  ['10 %', [100], [99, 101]],
  ['10 % ± 5 %', [50, 150], [49, 151]],
  ['count of 503', [20], [19, 21]],
  ['count of 404', [0], [1]],
])('%s as a count', (text, good, bad) => {
  expect(good.map((value) => holds(text, value))).toEqual(good.map(() => true));
  expect(bad.map((value) => holds(text, value))).toEqual(bad.map(() => false));
});

test.each([
  ['6s..7s', [5980, 7000], [5979, 7001]],
  ['6..7s', [5980], [5979]],
  ['500ms..2s', [480, 2000], [479, 2001]],
  ['6s ± 500ms', [5480, 6500], [5479, 6501]],
  ['under 1.5s', [1499], [1500]],
  ['at least 1s', [980], [979]],
  ['over 1m', [59_981], [59_980]],
])('%s as a time; timers may be 20 ms early', (text, good, bad) => {
  expect(good.map((value) => holds(text, value, 'time'))).toEqual(good.map(() => true));
  expect(bad.map((value) => holds(text, value, 'time'))).toEqual(bad.map(() => false));
});

test.each(['', 'many', '5..', '1 ± ', '-5', '5s', 'count of', '5 6', '> ', '10 %% '])('%p is no count', (text) => {
  expect(parseQuantity(text, 'count')).toBeUndefined();
});

test.each(['6s', '6', '6..7', 'under 1', 'count of 503', 'under 1h'])('%p is no range of times', (text) => {
  expect(parseQuantity(text, 'time')).toBeUndefined();
});

test('a range holds exactly what lies between its ends', () => {
  fc.assert(fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(20_000), (low, more, value) => {
    expect(holds(`${low}..${low + more}`, value)).toBe(value >= low && value <= low + more);
    expect(holds(`${low} ± ${more}`, value)).toBe(Math.abs(value - low) <= more);
  }));
});

test('durations are milliseconds', () => {
  expect(['250ms', '2s', '1.5s', '1m'].map(parseDuration)).toEqual([250, 2000, 1500, 60_000]);
});
