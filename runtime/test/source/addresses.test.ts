import fc from 'fast-check';
import { AddressPool } from '../../src/source/addresses';

test('an address depends on the name only', () => {
  const first = new AddressPool('10.96');
  first.allocate('default/other');
  expect(first.allocate('default/reviews')).toBe(new AddressPool('10.96').allocate('default/reviews'));
});

test('an address that is asked for is given once', () => {
  const pool = new AddressPool('10.96');
  expect(pool.claim('a/one', '10.96.7.7')).toBeUndefined();
  expect(pool.claim('a/two', '10.96.7.7')).toBe('a/one');
  expect(pool.allocate('a/one')).toBe('10.96.7.7');
  pool.release('a/one');
  expect(pool.claim('a/two', '10.96.7.7')).toBeUndefined();
});

test('the pool gives all its addresses, none of the first 256 and none twice', () => {
  const pool = new AddressPool('10.244');
  const given = new Set(Array.from({ length: 65_279 }, (_, index) => pool.allocate(`pod-${index}`)));
  expect(given.size).toBe(65_279);
  expect([...given].filter((address) => address.startsWith('10.244.0.') || address === '10.244.255.255')).toEqual([]);
  expect(() => pool.allocate('one more')).toThrow('all 65279 addresses of 10.244.0.0/16 are taken');
});

test('property: whoever has an address keeps it, and no two have the same', () => {
  const edit = fc.record({ add: fc.boolean(), name: fc.integer({ min: 0, max: 400 }).map(String) });
  fc.assert(fc.property(fc.array(edit, { maxLength: 300 }), (edits) => {
    const pool = new AddressPool('10.96');
    const held = new Map<string, string>();
    for (const { add, name } of edits) {
      if (add) {
        const address = pool.allocate(name);
        expect(held.get(name) ?? address).toBe(address);
        held.set(name, address);
      } else {
        pool.release(name);
        held.delete(name);
      }
      expect(new Set(held.values()).size).toBe(held.size);
    }
  }));
});
