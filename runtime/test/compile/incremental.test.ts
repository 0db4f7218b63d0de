import { Compiler } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import { MeshReader } from '../../src/compile/read/mesh';
import type { Mesh } from '../../src/model/mesh';
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

/** The world with a gateway for `a`, a client that calls `b` alone, and many services beside them. */
const others = ['c', 'd', 'e', 'f'];
const wide = edit(world, {
  put: [
    object('Sidecar', 'client', { workloadSelector: { labels: { app: 'client' } }, egress: [{ hosts: ['*/b.default.svc.cluster.local'] }] }),
    object('Gateway', 'edge', { selector: { istio: 'edge' }, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] }),
    object('VirtualService', 'shop', { hosts: ['shop.example.com'], gateways: ['edge'], http: [{ route: [{ destination: { host: 'a' } }] }] }),
    ...others.flatMap((name, i) => [service(name, `10.96.1.${i}`, [{ name: 'http', port: 8100 + i }]), rules(name, [{ route: [{ destination: { host: name } }] }])]),
  ],
});
const timeout = (name: string, seconds: number) => rules(name, [{ timeout: `${seconds}s`, route: [{ destination: { host: name } }] }]);

test('an edit of a rule changes nothing of a mesh but its rules and what is told of them', () => {
  const reader = new MeshReader();
  const before = reader.read(wide);
  const after = reader.read(edit(wide, { put: [timeout('a', 1)] }));
  const different = (Object.keys(after) as (keyof Mesh)[]).filter((key) => before[key] !== after[key]);
  expect(different.filter((key) => !['finishing', 'problems', 'statuses'].includes(key))).toEqual(['virtualServices']);
  expect([...after.finishing.values()].every((list, i) => list === [...before.finishing.values()][i])).toBe(true);
});

test('whoever does not import a rule has what he had, whatever is edited in the meantime', () => {
  const compiler = new Compiler();
  const [client, edge, all] = [CLIENT, proxy('edge', { istio: 'edge' }, 'router'), proxy('all', { app: 'all' })];
  const before = [client, edge, all].map((one) => compiler.compile(wide, one).configuration);
  let now = wide;
  for (const seconds of [1, 2, 3]) {
    now = edit(now, { put: [timeout('a', seconds)] });
    const after = [client, edge, all].map((one) => compiler.compile(now, one).configuration);
    expect(after.map((one, i) => one === before[i])).toEqual([true, true, false]);
  }
  now = edit(now, { put: [timeout('b', 9)] });
  expect(changed(before[0]!, compiler.compile(now, client).configuration)).toEqual(['RouteConfiguration 8000']);
  expect(changed(before[1]!, compiler.compile(now, edge).configuration)).toEqual([]);
});

test('of many tables those are made anew that an edited rule is about, however many edits lie between', () => {
  const compiler = new Compiler();
  const client = proxy('all', { app: 'all' });
  const before = compiler.compile(wide, client).configuration;
  const after = compiler.compile(edit(wide, { put: [timeout('d', 1), timeout('f', 2)] }), client).configuration;
  expect(changed(before, after)).toEqual(['RouteConfiguration 8101', 'RouteConfiguration 8103']);
});
