import fc from 'fast-check';
import { changeOf } from '../../src/compile/list-change';

const lists = fc.uniqueArray(fc.nat(9), { maxLength: 8 });

test('what is in neither side of a change is in both lists, in the same order', () => {
  fc.assert(fc.property(lists, lists, (before, after) => {
    const { gone, come } = changeOf(before, after);
    const without = (list: readonly number[], some: readonly number[]): number[] => list.filter((one) => !some.includes(one));
    expect(without(before, gone)).toEqual(without(after, come));
  }));
});

test('of lists of one length it tells what stands in the place of what', () => {
  fc.assert(fc.property(lists, fc.array(fc.tuple(fc.nat(7), fc.integer({ min: 10, max: 99 }))), (before, edits) => {
    const after = [...before];
    edits.filter(([at]) => at < before.length).forEach(([at, one]) => {
      after[at] = one;
    });
    const { gone, come } = changeOf(before, after);
    expect(before.map((one) => (gone.includes(one) ? come[gone.indexOf(one)] : one))).toEqual(after);
  }));
});
