import fc from 'fast-check';
import { HostIndex } from '../../src/compile/host-index';
import { cidrRange } from '../../src/compile/emit/address';
import type { EgressHost } from '../../src/model/listener';

/** A host is a list of labels, the first of which may be `*`: what it stands for can be written down, since all names have three labels. */
const label = fc.constantFrom('a', 'b');
const name = fc.tuple(label, label).map(([one, two]) => `${one}.${two}.io`);
const host = fc.oneof(name, label.map((one) => `*.${one}.io`), fc.constant('*.io'), fc.constant('*'));
const namespace = fc.constantFrom('n1', 'n2');
const listed: fc.Arbitrary<EgressHost> = fc.record({ namespace: fc.constantFrom('n1', 'n2', '*'), host });
const services = fc.uniqueArray(fc.record({ namespace, host: fc.oneof(name, label.map((one) => `*.${one}.io`)) }), { maxLength: 8, selector: (one) => JSON.stringify(one) });

const NAMES = ['a', 'b'].flatMap((one) => ['a', 'b'].map((two) => `${one}.${two}.io`));

/** All names that a host stands for. */
function namesOf(text: string): string[] {
  return NAMES.filter((one) => one === text || (text.startsWith('*') && one.endsWith(text.slice(1))));
}

test('a service is imported if a listed host means one of its names, and left out if excluded hosts mean all of them', () => {
  fc.assert(fc.property(services, fc.array(listed, { maxLength: 3 }), fc.array(listed, { maxLength: 2 }), (all, hosts, excluded) => {
    const means = (one: { namespace: string; host: string }, other: EgressHost, quantity: 'some' | 'every') =>
      (other.namespace === '*' || other.namespace === one.namespace) && namesOf(one.host)[quantity]((each) => namesOf(other.host).includes(each));
    const expected = all.filter((one) => hosts.some((other) => means(one, other, 'some')) && !excluded.some((other) => means(one, other, 'every')));
    expect(new HostIndex(all, (one) => [one.host]).select(hosts, [], excluded)).toEqual(expected);
  }), { numRuns: 2_000 });
});

test('a range of addresses is the one of its first bits, whatever stands behind them', () => {
  const bits = (address: string) => address.split('.').map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
    const range = cidrRange(`${address}/${length}`);
    expect(range?.prefixLen?.value).toBe(length);
    expect(bits(range?.addressPrefix ?? '')).toBe(bits(address).slice(0, length).padEnd(32, '0'));
  }), { numRuns: 2_000 });
  expect(cidrRange('10.0.0.0/33')).toBeUndefined();
  expect(cidrRange('example.com/8')).toBeUndefined();
});
