import { Compiler } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Resource } from '../../src/model/resource';
import { EMPTY, edit, object, proxy, rules, service, slice } from './fixtures';

const CLIENT = proxy('client');

const world = edit(EMPTY, {
  put: [
    service('a', '10.96.0.1'), service('b', '10.96.0.2'), slice('a', ['10.244.0.1']), slice('b', ['10.244.0.2']),
    rules('a', [{ route: [{ destination: { host: 'a' } }] }]), rules('b', [{ route: [{ destination: { host: 'b' } }] }]),
  ],
});

/** Resources that are not the very same objects. */
function changed(before: Configuration, after: Configuration): string[] {
  return [...after].flatMap(([type, resources]) => [...resources].filter(([name, one]) => before.get(type)?.get(name) !== one).map(([name]) => `${type.split('.').at(-1)} ${name}`));
}

function changesOf(...put: readonly Resource[]): string[] {
  const compiler = new Compiler();
  const before = compiler.compile(world, CLIENT).configuration;
  return changed(before, compiler.compile(edit(world, { put }), CLIENT).configuration);
}

test('an endpoint that moves touches the endpoints of its service only', () => {
  expect(changesOf(slice('a', ['10.244.0.9']))).toEqual(['ClusterLoadAssignment outbound|8000||a.default.svc.cluster.local']);
});

test('a rule that changes touches the route table only', () => {
  expect(changesOf(rules('a', [{ timeout: '1s', route: [{ destination: { host: 'a' } }] }]))).toEqual(['RouteConfiguration 8000']);
});

test('a policy that changes touches its cluster, and no other bytes', () => {
  const compiler = new Compiler();
  const before = compiler.compile(world, CLIENT).configuration;
  const policy = object('DestinationRule', 'a', { host: 'a', trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } });
  const after = compiler.compile(edit(world, { put: [policy] }), CLIENT).configuration;
  const differing = [...after.entries()].flatMap(([type, resources]) => [...resources.values()].filter((one) => before.get(type)?.get(one.name)?.version !== one.version));
  expect(differing.map((one) => one.name)).toEqual(['outbound|8000||a.default.svc.cluster.local']);
});

test('an object that nothing here reads touches nothing', () => {
  expect(changesOf(object('Pod', 'lonely', {}))).toEqual([]);
});

test('two proxies of a class share bytes', () => {
  const compiler = new Compiler();
  const one = compiler.compile(world, proxy('one')).configuration;
  const other = compiler.compile(world, proxy('another')).configuration;
  expect(changed(one, other)).toEqual([]);
  expect(one.get(TYPE_URLS.route)?.get('8000')?.bytes).toBe(other.get(TYPE_URLS.route)?.get('8000')?.bytes);
});
