import type { Cluster } from '../../src/envoy';
import { any, duration, mergeAny, mergeMessages, unpack } from '../../src/envoy';

const merge = (into: Cluster, from: Cluster, lists: 'append' | 'replace' = 'append') => mergeMessages('Cluster', into, from, { lists });

test('messages merge field by field, durations as a whole', () => {
  const into: Cluster = { name: 'a', connectTimeout: duration(1_500), edsClusterConfig: { serviceName: 'x', edsConfig: { ads: {} } } };
  const merged = merge(into, { connectTimeout: duration(2_000), edsClusterConfig: { serviceName: 'y' } });
  expect(merged).toEqual({ name: 'a', connectTimeout: { seconds: 2 }, edsClusterConfig: { serviceName: 'y', edsConfig: { ads: {} } } });
  expect(into.connectTimeout).toEqual({ seconds: 1, nanos: 500_000_000 });
});

test('lists are appended or replaced, entries of maps replaced by their key', () => {
  const into: Cluster = { healthChecks: [{ altPort: { value: 1 } }], typedExtensionProtocolOptions: { a: any('Router', {}), b: any('Router', {}) } };
  const from: Cluster = { healthChecks: [{ altPort: { value: 2 } }], typedExtensionProtocolOptions: { b: any('Cors', {}) } };
  expect(merge(into, from).healthChecks).toHaveLength(2);
  expect(merge(into, from, 'replace').healthChecks).toEqual([{ altPort: { value: 2 } }]);
  expect(Object.entries(merge(into, from).typedExtensionProtocolOptions ?? {}).map(([key, value]) => `${key} ${value.typeUrl?.split('.').at(-1)}`)).toEqual(['a Router', 'b Cors']);
});

test('a member of a oneof drives out the others', () => {
  expect(mergeMessages('Route', { route: { cluster: 'a' } }, { redirect: { httpsRedirect: true } }, { lists: 'append' })).toEqual({ redirect: { httpsRedirect: true } });
});

test('what two Any of one type hold is merged, of two types refused', () => {
  const router = any('Router', { suppressEnvoyHeaders: true });
  expect(unpack(mergeAny(router, any('Router', { startChildSpan: true }), { lists: 'append' }))).toEqual({ suppressEnvoyHeaders: true, startChildSpan: true });
  expect(() => mergeAny(router, any('Cors', {}), { lists: 'append' })).toThrow('cannot be merged with');
});
