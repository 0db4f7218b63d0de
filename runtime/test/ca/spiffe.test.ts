import { parseSpiffeId } from '../../src/ca/spiffe';
import { spiffeId } from '../../src/model/identity';

test('an id comes back in its parts', () => {
  const id = { trustDomain: 'prod.example.com', namespace: 'bookinfo', serviceAccount: 'bookinfo-reviews.v1' };
  expect(parseSpiffeId(spiffeId(id.trustDomain, id))).toEqual(id);
});

test.each([
  '', 'spiffe://', 'spiffe://cluster.local', 'spiffe://cluster.local/ns/a', 'spiffe://cluster.local/ns/a/sa', 'spiffe://cluster.local/ns/a/sa/',
  'spiffe://cluster.local/ns//sa/b', 'spiffe:///ns/a/sa/b', 'spiffe://cluster.local/ns/a/sa/b/', 'spiffe://cluster.local/ns/a/sa/b/c',
  'spiffe://cluster.local/sa/a/ns/b', 'SPIFFE://cluster.local/ns/a/sa/b', 'https://cluster.local/ns/a/sa/b', 'spiffe:/cluster.local/ns/a/sa/b',
  'spiffe://Cluster.local/ns/a/sa/b', 'spiffe://user@cluster.local/ns/a/sa/b', 'spiffe://cluster.local:443/ns/a/sa/b',
  'spiffe://cluster.local/ns/../sa/b', 'spiffe://cluster.local/ns/./sa/b', 'spiffe://cluster.local/ns/a/sa/%62', 'spiffe://cluster.local/ns/a/sa/b?c',
  'spiffe://cluster.local/ns/a/sa/b#c', 'spiffe://cluster.local/ns/a b/sa/b', 'spiffe://cluster.local/ns/a/sa/b\n', 'spiffe://cluster.local/ns/a/sa/b,spiffe:',
  'spiffe://cluster.local/ns/a/sa/b\0', `spiffe://cluster.local/ns/a/sa/${'b'.repeat(254)}`, `spiffe://${'a'.repeat(256)}/ns/a/sa/b`, 'spiffe://cluster.local/ns/é/sa/b',
])('%j is no identity', (uri) => {
  expect(parseSpiffeId(uri)).toBeUndefined();
});
