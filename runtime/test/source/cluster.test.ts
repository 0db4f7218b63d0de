import fc from 'fast-check';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import { Cluster, parseText } from '../../src/source';
import { deployment, messages, objects, resource, service, world } from './objects';

describe('objects that are wrong', () => {
  const route = (more: object) => resource('networking.istio.io/v1', 'VirtualService', 'web', { spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }], ...more }] } });
  const shown = (cluster: Cluster): unknown => resourcesOf(cluster.snapshot(), 'networking.istio.io/VirtualService').get('default/web');

  test('a field that nobody knows is a problem, the object stays', () => {
    const cluster = world(route({ timeot: '1s' }));
    expect(shown(cluster)).toBeDefined();
    expect(messages(cluster)).toEqual(['spec.http[0].timeot: unknown field (did you mean "timeout"?)']);
  });

  test('what the API server would refuse does not come in, and the version before stays', () => {
    const good = route({ timeout: '1s' });
    const cluster = world(good);
    cluster.apply(objects(route({ timeout: 'soon' })));
    expect(shown(cluster)).toBe(good);
    expect(cluster.problems()).toHaveLength(1);
    cluster.apply(objects(route({ timeout: '2s' })));
    expect(shown(cluster)).toMatchObject({ spec: { http: [{ timeout: '2s' }] } });
    expect(cluster.problems()).toEqual([]);
  });

  test('older versions of Istio\'s API are read as the current one', () => {
    const cluster = world({ ...route({}), apiVersion: 'networking.istio.io/v1alpha3' });
    expect(shown(cluster)).toMatchObject({ apiVersion: 'networking.istio.io/v1' });
  });

  test('kinds of Istio that are not there', () => {
    const cluster = world(
      resource('config.istio.io/v1alpha2', 'RouteRule', 'other'), resource('networking.istio.io/v1alpha2', 'RouteRule', 'old'), resource('networking.istio.io/v7', 'Gateway', 'new'),
      resource('networking.istio.io/v1', 'virtualServce', 'misspelt'), resource('networking.istio.io/v1', 'AuthorizationPolicy', 'elsewhere'),
      resource('gateway.networking.k8s.io/v1', 'HttpRoutes', 'route'), resource('gateway.networking.k8s.io/v7', 'HTTPRoute', 'new'),
    );
    expect(messages(cluster)).toEqual([
      'kind: there is no RouteRule in networking.istio.io; it has DestinationRule, EnvoyFilter, Gateway, ProxyConfig, ServiceEntry, Sidecar, VirtualService, WorkloadEntry, WorkloadGroup',
      'apiVersion: there is no Gateway in networking.istio.io/v7: use networking.istio.io/v1',
      'kind: there is no virtualServce in networking.istio.io (did you mean "VirtualService"?)',
      'apiVersion: there is no AuthorizationPolicy in networking.istio.io: use security.istio.io/v1',
      'kind: there is no HttpRoutes in gateway.networking.k8s.io (did you mean "HTTPRoute"?)',
      'apiVersion: there is no HTTPRoute in gateway.networking.k8s.io/v7: use gateway.networking.k8s.io/v1',
    ].sort());
  });

  test('IstioOperator, which only istioctl reads, is passed over with a word', () => {
    const { objects: [operator], problems } = parseText('apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: { profile: demo }\n', { file: 'demo.yaml', folder: '.' });
    expect(problems).toEqual([]);
    const cluster = new Cluster();
    cluster.replace([operator]);
    expect(cluster.problems()).toMatchObject([{ severity: 'warning', message: expect.stringContaining('nothing needs to be installed') }]);
    expect(cluster.snapshot().kinds.size).toBe(0);
    const placed = parseText('apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: { namespace: istio-system }\nspec: {}\n', { file: 'spire.yaml', folder: '.' });
    expect(placed.problems).toEqual([]);
  });

  test.each([
    [{ ...service('web'), spec: { ports: 'http' } }, 'spec.ports: must be a list, got "http"'],
    [{ ...service('web'), spec: { ports: [{ port: '80' }] } }, 'spec.ports[0].port: must be a port between 1 and 65535, got "80"'],
    [{ ...service('web'), metadata: { name: 'Web', namespace: 'default' } }, 'metadata.name: expected a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "Web"'],
    [{ ...service('web'), metadata: { name: 'web', namespace: 'a/b' } }, 'metadata.namespace: expected a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "a/b"'],
    [{ ...service('web'), spec: JSON.parse('{"selector": {"__proto__": 1}}') as object }, 'spec.selector["__proto__"]: must be text, got 1'],
  ])('%j', (wrong, message) => {
    const cluster = world(wrong as Resource);
    expect(messages(cluster)).toEqual([message]);
    expect(cluster.snapshot().kinds.size).toBe(0);
  });
});

describe('snapshots', () => {
  test('without a change it is the same, and an edit changes only what it is about', () => {
    const cluster = world(service('a'), deployment('a'), service('b'), deployment('b'));
    const before = cluster.snapshot();
    cluster.replace(objects(service('a'), deployment('a'), service('b'), deployment('b')));
    expect(cluster.snapshot()).toBe(before);
    cluster.apply(objects(service('b', { ports: [{ name: 'http', port: 81 }] })));
    const after = cluster.snapshot();
    expect(after.revision).toBe(before.revision + 1);
    for (const kind of ['/Pod', 'apps/Deployment']) expect(after.kinds.get(kind)).toBe(before.kinds.get(kind));
    expect(after.kinds.get('/Service')?.get('default/a')).toBe(before.kinds.get('/Service')?.get('default/a'));
    expect(after.kinds.get('/Service')?.get('default/b')).not.toBe(before.kinds.get('/Service')?.get('default/b'));
  });

  test('property: any order of edits leads to the same world', () => {
    const choices: readonly Resource[] = [
      service('a'), service('a', { selector: { app: 'b' } }), service('b', { clusterIP: 'None' }), service('b', { ports: [{ port: 80, targetPort: 'web' }] }),
      deployment('a', 3), deployment('a', 1), deployment('b', 2, { labels: { version: 'v2' } }), deployment('b', 2),
      resource('v1', 'Namespace', 'default', { metadata: { name: 'default', namespace: '', labels: { 'istio-injection': 'disabled' } } }),
      resource('v1', 'Pod', 'alone', { metadata: { name: 'alone', namespace: 'default', labels: { app: 'a' } }, spec: { containers: [] } }),
    ];
    const states = fc.array(fc.subarray([...choices]), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(states, fc.subarray([...choices]), (history, last) => {
      const cluster = new Cluster();
      for (const state of history) cluster.replace(objects(...onePerName(state)));
      cluster.replace(objects(...onePerName(last).reverse()));
      const fresh = world(...onePerName(last));
      expect([...cluster.snapshot().kinds]).toEqual([...fresh.snapshot().kinds]);
      expect(cluster.problems()).toEqual(fresh.problems());
    }));
  });
});

function onePerName(resources: readonly Resource[]): Resource[] {
  return [...new Map(resources.map((one) => [`${one.kind}/${one.metadata.name}`, one])).values()];
}

test('an edit in a large mesh leaves everything else as it is', () => {
  const mesh = Array.from({ length: 300 }, (_, index) => [service(`s${index}`), deployment(`s${index}`, 3)]).flat();
  const cluster = world(...mesh);
  const before = cluster.snapshot();
  cluster.apply(objects(deployment('s7', 4)));
  const after = cluster.snapshot();
  expect(after.kinds.get('/Service')).toBe(before.kinds.get('/Service'));
  const changed = (kind: string): number => [...after.kinds.get(kind) ?? []].filter(([key, one]) => before.kinds.get(kind)?.get(key) !== one).length;
  expect(['/Pod', 'apps/Deployment', 'discovery.k8s.io/EndpointSlice'].map(changed)).toEqual([1, 1, 1]);
});
