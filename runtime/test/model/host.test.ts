import fc from 'fast-check';
import { bySpecificity, covers, intersection, isWildcard, mostSpecific, overlaps, resolveHost } from '../../src/model/host';

const label = fc.constantFrom('a', 'b', 'shop', 'example', 'com', 'svc');
const exact = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const pattern = fc.oneof(exact, exact.map((host) => `*.${host}`), fc.constant('*'));

/** What a pattern means, said with a regular expression. */
function means(text: string, host: string): boolean {
  return new RegExp(`^${text.replace(/\./g, '[.]').replace('*', '.*')}$`).test(host);
}

test.each([
  ['reviews', 'shop', 'reviews.shop.svc.cluster.local'],
  ['reviews.blog', 'shop', 'reviews.blog'],
  ['api.example.com', 'shop', 'api.example.com'],
  ['*', 'shop', '*'],
])('%s named in %s is %s', (host, namespace, expected) => {
  expect(resolveHost(host, namespace)).toBe(expected);
});

test('a pattern covers exactly the hosts that it means', () => {
  fc.assert(fc.property(pattern, exact, (text, host) => covers(text, host) === means(text, host)));
});

test('what a pattern covers, it covers for every host below', () => {
  fc.assert(fc.property(pattern, pattern, exact, (wide, narrow, host) => !covers(wide, narrow) || !covers(narrow, host) || covers(wide, host)));
});

test('two patterns overlap when a host is meant by both', () => {
  fc.assert(fc.property(pattern, pattern, exact, (a, b, host) => !(covers(a, host) && covers(b, host)) || overlaps(a, b)));
});

test('the intersection of lists means the hosts that both mean', () => {
  fc.assert(fc.property(fc.array(pattern), fc.array(pattern), exact, (a, b, host) => {
    const inBoth = a.some((one) => covers(one, host)) && b.some((one) => covers(one, host));
    return intersection(a, b).some((one) => covers(one, host)) === inBoth;
  }));
});

test('specificity is an order, exact hosts first, and the most specific pattern is the least of those that cover', () => {
  fc.assert(fc.property(fc.uniqueArray(pattern, { minLength: 1 }), exact, (patterns, host) => {
    const sorted = [...patterns].sort(bySpecificity);
    expect(mostSpecific(patterns, host)).toBe(sorted.find((one) => covers(one, host)));
    expect(sorted.findIndex(isWildcard) < 0 || sorted.slice(sorted.findIndex(isWildcard)).every(isWildcard)).toBe(true);
  }));
});
