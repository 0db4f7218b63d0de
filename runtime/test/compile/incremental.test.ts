import fc from 'fast-check';
import { Compiler } from '../../src/compile';
import type { Configuration } from '../../src/model/configuration';
import { TYPE_URLS } from '../../src/model/configuration';
import type { Resource } from '../../src/model/resource';
import { EMPTY, compile, edit, object, proxy, rules, service, slice, versions } from './fixtures';

const NAMES = ['a', 'b', 'c'];
const resource: fc.Arbitrary<Resource> = fc.oneof(
  fc.record({ name: fc.constantFrom(...NAMES), port: fc.constantFrom('http', 'tcp', 'auto'), last: fc.integer({ min: 1, max: 4 }) })
    .map(({ name, port, last }) => service(name, `10.96.0.${last}`, [{ name: port, port: 8000 }])),
  fc.record({ name: fc.constantFrom(...NAMES), last: fc.integer({ min: 1, max: 4 }) }).map(({ name, last }) => slice(name, [`10.244.0.${last}`])),
  fc.record({ name: fc.constantFrom(...NAMES), to: fc.constantFrom(...NAMES), seconds: fc.integer({ min: 1, max: 3 }) })
    .map(({ name, to, seconds }) => rules(name, [{ timeout: `${seconds}s`, route: [{ destination: { host: to, subset: 'v1' } }], mirror: { host: 'c' } }])),
  fc.record({ name: fc.constantFrom(...NAMES), connections: fc.integer({ min: 1, max: 3 }), hash: fc.boolean() })
    .map(({ name, connections, hash }) => object('DestinationRule', name, {
      host: name,
      trafficPolicy: { connectionPool: { tcp: { maxConnections: connections } }, ...(hash && { loadBalancer: { consistentHash: { httpHeaderName: 'h' } } }) },
      subsets: [{ name: 'v1', labels: {} }],
    })),
  fc.record({ host: fc.constantFrom('./*', '*/*', './a.default.svc.cluster.local') }).map(({ host }) => object('Sidecar', 'default', { egress: [{ hosts: [host] }] })),
  fc.record({ host: fc.constantFrom('*', 'a.example.com') }).map(({ host }) => object('Gateway', 'edge', {
    selector: { app: 'edge' }, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }],
  })),
);
const step = fc.record({ resource, remove: fc.boolean() });

const PROXIES = [proxy('client'), proxy('a-1', { app: 'a' }), proxy('edge', { app: 'edge' }, 'router')];

test('what a compiler remembers never shows: after any edits its output is that of a new one', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const compiler = new Compiler();
    let snapshot = EMPTY;
    for (const one of steps) {
      snapshot = edit(snapshot, one.remove ? { remove: [one.resource] } : { put: [one.resource] });
      for (const client of PROXIES) {
        expect(versions(compiler.compile(snapshot, client).configuration)).toEqual(versions(compile(snapshot, client)));
      }
    }
  }), { numRuns: 60 });
});

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
  const before = compiler.compile(world, PROXIES[0]).configuration;
  return changed(before, compiler.compile(edit(world, { put }), PROXIES[0]).configuration);
}

test('an endpoint that moves touches the endpoints of its service only', () => {
  expect(changesOf(slice('a', ['10.244.0.9']))).toEqual(['ClusterLoadAssignment outbound|8000||a.default.svc.cluster.local']);
});

test('a rule that changes touches the route table only', () => {
  expect(changesOf(rules('a', [{ timeout: '1s', route: [{ destination: { host: 'a' } }] }]))).toEqual(['RouteConfiguration 8000']);
});

test('a policy that changes touches its cluster, and no other bytes', () => {
  const compiler = new Compiler();
  const before = compiler.compile(world, PROXIES[0]).configuration;
  const policy = object('DestinationRule', 'a', { host: 'a', trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } });
  const after = compiler.compile(edit(world, { put: [policy] }), PROXIES[0]).configuration;
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
