import * as fc from 'fast-check';
import { compareSpecificity, covers, disjoint, Inexpressible, intersect, type Condition } from '../../src/private/condition';
import { cookieRegex, stringCovers, stringDisjoint, stringRank, type StringCondition } from '../../src/private/string-condition';

const TEXTS = ['', '/', '/a', '/ab', '/a/b', '/b', 'x', 'a+b', 'a.b'];
const REGEXES = ['/a.*', '.*', '/[ab]', '/a|/b', '^/a/b$', '/a?', 'a\\.b', '/a/.+', '(?i)/A', '/a{2}', 'a+b'];
const texts = fc.constantFrom(...TEXTS, '/aa', '/A', 'aab', 'a.b', '/a/b/c');
const positive: fc.Arbitrary<StringCondition> = fc.oneof(
  fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), value: fc.constantFrom(...TEXTS) }),
  fc.record({ kind: fc.constant('regex' as const), value: fc.constantFrom(...REGEXES) }),
  fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), value: fc.constantFrom(...TEXTS.slice(1)), ignoreCase: fc.constant(true) }),
  fc.record({ kind: fc.constantFrom('present' as const, 'absent' as const) }),
);
const condition: fc.Arbitrary<StringCondition> = fc.oneof(
  { weight: 4, arbitrary: positive },
  { weight: 1, arbitrary: positive.filter((than) => 'value' in than).map((than) => ({ kind: 'not' as const, than })) },
);

function holds(wanted: StringCondition, given: string | undefined): boolean {
  if (wanted.kind === 'not') {
    return !holds(wanted.than, given);
  }
  if (wanted.kind === 'absent' || given === undefined) {
    return (wanted.kind === 'absent') === (given === undefined);
  }
  switch (wanted.kind) {
    case 'present':
      return true;
    case 'exact':
      return wanted.ignoreCase ? given.toLowerCase() === wanted.value.toLowerCase() : given === wanted.value;
    case 'prefix':
      return wanted.ignoreCase ? given.toLowerCase().startsWith(wanted.value.toLowerCase()) : given.startsWith(wanted.value);
    case 'regex': {
      const ignoreCase = wanted.value.startsWith('(?i)');
      return new RegExp(`^(?:${wanted.value.replace('(?i)', '')})$`, ignoreCase ? 'i' : '').test(given);
    }
  }
}

describe('conditions on a text', () => {
  test('cover and exclude each other only where every text agrees', () => {
    fc.assert(fc.property(condition, condition, fc.option(texts, { nil: undefined }), (a, b, text) => {
      const [inA, inB] = [holds(a, text), holds(b, text)];
      expect(stringCovers(a, b) && inB && !inA).toBe(false);
      expect(stringDisjoint(a, b) && inA && inB).toBe(false);
    }), { numRuns: 3000 });
  });

  test('that cover another one never rank above it', () => {
    fc.assert(fc.property(condition, condition, (a, b) => {
      fc.pre(stringCovers(a, b));
      expect(stringRank(a)).toBeLessThanOrEqual(stringRank(b));
    }), { numRuns: 1000 });
  });
});

describe('conditions on a request', () => {
  const ASPECTS = ['path', 'method', 'header:a', 'header:b', 'query:q', 'cookie:c'];
  const pathCondition = condition.filter((one) => one.kind !== 'present' && one.kind !== 'absent' && (one.kind !== 'exact' || one.value.startsWith('/')));
  const whole: fc.Arbitrary<Condition> = fc.uniqueArray(fc.constantFrom(...ASPECTS), { maxLength: 4 }).chain((aspects) =>
    fc.tuple(...aspects.map((aspect) => (aspect === 'path' ? pathCondition : condition))).map((list) => new Map(aspects.map((aspect, index) => [aspect, list[index]]))));
  const request = fc.record({
    path: texts.filter((text) => text.startsWith('/')), 'method': fc.constantFrom('GET', 'x'), 'header:a': fc.option(texts, { nil: undefined }),
    'header:b': fc.option(texts, { nil: undefined }), 'query:q': fc.option(texts, { nil: undefined }), 'cookie:c': fc.option(texts, { nil: undefined }),
  }) as fc.Arbitrary<Record<string, string | undefined>>;
  const satisfied = (wanted: Condition, sample: Record<string, string | undefined>): boolean => [...wanted].every(([aspect, one]) => holds(one, sample[aspect]));

  test('cover, exclude and intersect as the requests do', () => {
    fc.assert(fc.property(whole, whole, request, (a, b, sample) => {
      const [inA, inB] = [satisfied(a, sample), satisfied(b, sample)];
      expect(covers(a, b) && inB && !inA).toBe(false);
      expect(disjoint(a, b) && inA && inB).toBe(false);
      const both = intersect(a, b);
      if (!(both instanceof Inexpressible)) {
        expect(both !== undefined && satisfied(both, sample)).toBe(inA && inB);
      }
    }), { numRuns: 3000 });
  });

  test('that cover another one never come before it, unless they say the same', () => {
    fc.assert(fc.property(whole, whole, (a, b) => {
      fc.pre(covers(a, b));
      expect(compareSpecificity(a, b)).toBeGreaterThanOrEqual(0);
    }), { numRuns: 3000 });
  });
});

test('a cookie is found anywhere in its header, and nowhere else', () => {
  const exact = new RegExp(`^(?:${cookieRegex('user', { kind: 'exact', value: 'a.b' })})$`);
  expect(['user=a.b', 'x=1; user=a.b', 'user=a.b; x=1', 'x=1;user=a.b;y=2'].map((header) => exact.test(header))).toEqual([true, true, true, true]);
  expect(['user=axb', 'otheruser=a.b', 'user=a.bc', 'x=user=a.b'].map((header) => exact.test(header))).toEqual([false, false, false, false]);
  const either = new RegExp(`^(?:${cookieRegex('user', { kind: 'regex', value: 'a|b' })})$`);
  expect(['user=a', 'user=b; x=1', 'user=c'].map((header) => either.test(header))).toEqual([true, true, false]);
  const prefix = new RegExp(`^(?:${cookieRegex('user', { kind: 'prefix', value: 'a' })})$`);
  expect(['user=abc; x=1', 'user=b; x=a'].map((header) => prefix.test(header))).toEqual([true, false]);
});
