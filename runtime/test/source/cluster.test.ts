import fc from 'fast-check';
import type { Service } from '../../src/kubernetes';
import type { Resource } from '../../src/model/resource';
import { resourcesOf } from '../../src/model/snapshot';
import { Cluster, parseText } from '../../src/source';
import { deployment, endpoints, objects, pods, resource, service, slices } from './objects';

function world(...resources: Resource[]): Cluster {
  const cluster = new Cluster();
  cluster.replace(objects(...resources));
  return cluster;
}

const names = (cluster: Cluster): string[] => pods(cluster.snapshot()).map(({ metadata }) => metadata.name);
const messages = (cluster: Cluster): string[] => cluster.problems().map(({ path, message }) => `${path}: ${message}`);

describe('pods', () => {
  test('of a Deployment: named as in Kubernetes, labelled, injected, with an address', () => {
    const [pod] = pods(world(deployment('reviews')).snapshot());
    expect(pod.metadata.name).toMatch(/^reviews-[a-z0-9]{5}-[a-z0-9]{5}$/);
    expect(pod.metadata.labels).toMatchObject({ 'app': 'reviews', 'pod-template-hash': pod.metadata.name.split('-')[1] });
    expect(pod.spec.initContainers?.map(({ name }) => name)).toEqual(['istio-init', 'istio-proxy']);
    expect(pod.spec.serviceAccountName).toBe('default');
    expect(pod.status.podIP).toMatch(/^10\.244\.\d+\.\d+$/);
  });

  test('another replica renames and readdresses none', () => {
    const cluster = world(deployment('reviews', 2));
    const before = pods(cluster.snapshot());
    cluster.apply(objects(deployment('reviews', 5)));
    const after = pods(cluster.snapshot());
    expect(after).toHaveLength(5);
    for (const pod of before) expect(after).toContain(pod);
    cluster.apply(objects(deployment('reviews', 2)));
    expect(pods(cluster.snapshot())).toEqual(before);
  });

  test('another template makes other pods', () => {
    const cluster = world(deployment('reviews', 2));
    const before = names(cluster);
    cluster.apply(objects(deployment('reviews', 2, { labels: { version: 'v2' } })));
    expect(names(cluster)).toHaveLength(2);
    expect(names(cluster).filter((name) => before.includes(name))).toEqual([]);
  });

  test('of a StatefulSet: numbered, with names of their own', () => {
    const set = { ...deployment('db', 2), kind: 'StatefulSet' };
    const headless = service('db', { clusterIP: 'None' });
    const cluster = world({ ...set, spec: { ...set.spec as object, serviceName: 'db', ordinals: { start: 3 } } }, headless);
    expect(names(cluster)).toEqual(['db-3', 'db-4']);
    expect(pods(cluster.snapshot())[0].spec).toMatchObject({ hostname: 'db-3', subdomain: 'db' });
    expect(slices(cluster.snapshot())[0].endpoints?.map(({ hostname }) => hostname)).toEqual(['db-3', 'db-4']);
  });

  test('of a DaemonSet, a Job and a Pod', () => {
    const job = { ...deployment('job'), apiVersion: 'batch/v1', kind: 'Job' };
    const pod = resource('v1', 'Pod', 'alone', { spec: { containers: [{ name: 'app' }] } });
    const cluster = world({ ...deployment('agent', 9), kind: 'DaemonSet' }, { ...job, spec: { ...job.spec as object, parallelism: 2 } }, pod);
    expect(names(cluster).map((name) => name.split('-')[0])).toEqual(['agent', 'alone', 'job', 'job']);
    expect(names(cluster)).toContain('alone');
  });

  test('their namespace decides about injection, also later', () => {
    const labelled = (label: string) => resource('v1', 'Namespace', 'default', { metadata: { name: 'default', namespace: '', labels: { 'istio-injection': label } } });
    const cluster = world(deployment('reviews'), labelled('disabled'));
    expect(pods(cluster.snapshot())[0].spec.initContainers).toBeUndefined();
    cluster.apply(objects(labelled('enabled')));
    expect(pods(cluster.snapshot())[0].spec.initContainers).toHaveLength(2);
  });

  test('that a controller wrote, as in the dump of a cluster, are made by us alone', () => {
    const owned = { ownerReferences: [{ kind: 'ReplicaSet', name: 'reviews-1', controller: true }], name: 'reviews-1-x', namespace: 'default', labels: { app: 'reviews' } };
    const cluster = world(deployment('reviews'), { ...resource('v1', 'Pod', ''), metadata: owned, spec: { containers: [] } });
    expect(names(cluster)).toHaveLength(1);
    expect(cluster.ignored()).toEqual([]);
  });

  test('are not made by a workload that Kubernetes would refuse', () => {
    const unselected = deployment('reviews');
    const cluster = world(
      { ...unselected, spec: { ...unselected.spec as object, selector: { matchLabels: { app: 'other' } } } },
      deployment('many', 1_000_000),
      resource('apps/v1', 'Deployment', 'empty', { spec: { selector: {} } }),
    );
    expect(names(cluster)).toEqual([]);
    expect(messages(cluster).sort()).toEqual([
      'spec.replicas: expected 0 to 1000 pods, got 1000000',
      'spec.selector.matchLabels: the pods do not have the label app: other: add it to spec.template.metadata.labels',
      'spec.template: is missing',
    ]);
  });
});

describe('services', () => {
  const get = (cluster: Cluster, name: string): Service['spec'] => (resourcesOf(cluster.snapshot(), '/Service').get(`default/${name}`) as Service).spec;

  test('are stored with what the API server adds', () => {
    expect(get(world(service('web')), 'web')).toEqual({
      selector: { app: 'web' },
      type: 'ClusterIP',
      clusterIP: expect.stringMatching(/^10\.96\.\d+\.\d+$/),
      clusterIPs: [expect.stringMatching(/^10\.96\.\d+\.\d+$/)],
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 80 }],
    });
  });

  test('have the address of their name again when they no longer ask for one', () => {
    const cluster = world(service('a', {}));
    const before = get(cluster, 'a')?.clusterIP;
    cluster.apply([{ resource: service('a', { clusterIP: '10.96.7.7' }) }]);
    cluster.apply([{ resource: service('a', {}) }]);
    expect(get(cluster, 'a')?.clusterIP).toBe(before);
  });

  test('swap addresses in one edit', () => {
    const cluster = world(service('a', { clusterIP: '10.96.7.7' }), service('b', { clusterIP: '10.96.7.8' }));
    cluster.apply([{ resource: service('a', { clusterIP: '10.96.7.8' }) }, { resource: service('b', { clusterIP: '10.96.7.7' }) }]);
    expect([get(cluster, 'a')?.clusterIP, get(cluster, 'b')?.clusterIP]).toEqual(['10.96.7.8', '10.96.7.7']);
    expect(messages(cluster)).toEqual([]);
  });

  test('with null for a field are as without it', () => {
    expect(get(world(service('a', { selector: null })), 'a')).not.toHaveProperty('selector');
  });

  test('have ports that are ports', () => {
    expect(messages(world(service('a', { ports: [{ port: 0 }] })))).toEqual(['spec.ports[0].port: must be a port between 1 and 65535, got 0']);
    expect(messages(world(service('a', { ports: [null] })))).toEqual(['spec.ports[0]: must be an object, got null']);
  });

  test('have the address they ask for, unless another has it', () => {
    const cluster = world(service('b', { clusterIP: '10.96.7.7' }), service('a', { clusterIP: '10.96.7.7' }), service('c', { clusterIP: 'seven' }));
    expect(get(cluster, 'a')?.clusterIP).toBe('10.96.7.7');
    expect(get(cluster, 'b')?.clusterIP).not.toBe('10.96.7.7');
    expect(messages(cluster)).toEqual([
      'spec.clusterIP: 10.96.7.7 is the address of Service default/a already: another address is used',
      'spec.clusterIP: expected an address or None, got "seven": another address is used',
    ]);
  });

  test('without an address: headless and ExternalName', () => {
    const cluster = world(service('headless', { clusterIP: 'None' }), service('outside', { type: 'ExternalName', externalName: 'api.example.com' }));
    expect(get(cluster, 'headless')?.clusterIP).toBe('None');
    expect(get(cluster, 'outside')?.clusterIP).toBeUndefined();
  });
});

describe('endpoints', () => {
  test('are the pods that the selector finds, in the Service\'s namespace', () => {
    const elsewhere = deployment('web');
    const cluster = world(service('web'), deployment('web', 2), { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'other' } });
    const own = pods(cluster.snapshot()).filter(({ metadata }) => metadata.namespace === 'default').map(({ status }) => status.podIP);
    expect(endpoints(cluster.snapshot(), 'web').map(({ address }) => address)).toEqual(own);
  });

  test('go to the container port of the name that targetPort says', () => {
    const cluster = world(service('web', { ports: [{ name: 'http', port: 80, targetPort: 'web', appProtocol: 'http2' }, { name: 'none', port: 81, targetPort: 'nothing' }] }), deployment('web'));
    expect(slices(cluster.snapshot())[0].ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP', appProtocol: 'http2' }]);
  });

  test('pods for which a name means different ports are in different slices', () => {
    const second = deployment('web-b', 1, { labels: { app: 'web' }, spec: { containers: [{ name: 'app', ports: [{ name: 'web', containerPort: 9090 }] }] } });
    const cluster = world(service('web', { ports: [{ port: 80, targetPort: 'web' }] }), deployment('web'), { ...second, spec: { ...second.spec as object, selector: {} } });
    expect(slices(cluster.snapshot()).map(({ ports }) => ports?.[0].port).sort()).toEqual([8080, 9090]);
  });

  test('follow readiness, except where unready addresses are published', () => {
    const cluster = world(service('web'), service('early', { selector: { app: 'web' }, publishNotReadyAddresses: true }), deployment('web'));
    const [pod] = pods(cluster.snapshot());
    expect(endpoints(cluster.snapshot(), 'web')[0].ready).toBe(true);
    cluster.setReady(`default/${pod.metadata.name}`, false);
    expect(endpoints(cluster.snapshot(), 'web')[0].ready).toBe(false);
    expect(endpoints(cluster.snapshot(), 'early')[0].ready).toBe(true);
  });

  test('of a Service without a selector are those that the user wrote', () => {
    const slice = resource('discovery.k8s.io/v1', 'EndpointSlice', 'db-1', { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 5432 }] });
    const own = { ...slice, metadata: { ...slice.metadata, labels: { 'kubernetes.io/service-name': 'db' } } };
    const cluster = world(service('db', { selector: undefined }), own);
    expect(endpoints(cluster.snapshot(), 'db').map(({ address }) => address)).toEqual(['192.0.2.1']);
  });

  test('go with their Service', () => {
    const cluster = world(service('web'), deployment('web'));
    cluster.replace(objects(deployment('web')));
    expect(slices(cluster.snapshot())).toEqual([]);
  });
});

describe('a rollout', () => {
  const ready = (cluster: Cluster, ...podNames: string[]) => podNames.forEach((name) => cluster.setReady(`default/${name}`, true));

  function running(): { cluster: Cluster; old: string[] } {
    const cluster = new Cluster({ readiness: 'reported' });
    cluster.replace(objects(service('web'), deployment('web', 2)));
    const old = names(cluster);
    expect(endpoints(cluster.snapshot(), 'web').map((endpoint) => endpoint.ready)).toEqual([false, false]);
    ready(cluster, ...old);
    return { cluster, old };
  }

  test('keeps the pods of before until all the new ones are ready', () => {
    const { cluster, old } = running();
    cluster.apply(objects(deployment('web', 2, { labels: { version: 'v2' } })));
    const added = names(cluster).filter((name) => !old.includes(name));
    expect(names(cluster)).toEqual([...old, ...added].sort());
    expect(endpoints(cluster.snapshot(), 'web').filter((endpoint) => endpoint.ready)).toHaveLength(2);
    ready(cluster, added[0]);
    expect(names(cluster)).toHaveLength(4);
    ready(cluster, added[1]);
    expect(names(cluster)).toEqual(added);
  });

  test('that is taken back keeps the pods of before', () => {
    const { cluster, old } = running();
    cluster.apply(objects(deployment('web', 2, { labels: { version: 'v2' } })));
    cluster.apply(objects(deployment('web', 2)));
    expect(names(cluster)).toEqual(old);
    expect(endpoints(cluster.snapshot(), 'web').every((endpoint) => endpoint.ready)).toBe(true);
  });

  test('scaling down and deleting remove pods at once', () => {
    const { cluster, old } = running();
    cluster.apply(objects(deployment('web', 1)));
    expect(names(cluster)).toHaveLength(1);
    expect(old).toContain(names(cluster)[0]);
    cluster.replace([]);
    expect(names(cluster)).toEqual([]);
  });
});

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
    const cluster = world(resource('networking.istio.io/v1alpha2', 'RouteRule', 'old'), resource('networking.istio.io/v7', 'Gateway', 'new'));
    expect(messages(cluster)).toEqual([
      'apiVersion: there is no RouteRule in networking.istio.io/v1alpha2: use networking.istio.io/v1',
      'apiVersion: there is no Gateway in networking.istio.io/v7: use networking.istio.io/v1',
    ].sort());
  });

  test('IstioOperator, which only istioctl reads, is passed over with a word', () => {
    const { objects: [operator], problems } = parseText('apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: { profile: demo }\n', { file: 'demo.yaml', folder: '.' });
    expect(problems).toEqual([]);
    const cluster = new Cluster();
    cluster.replace([operator]);
    expect(cluster.problems()).toMatchObject([{ severity: 'warning', message: expect.stringContaining('nothing needs to be installed') }]);
    expect(cluster.snapshot().kinds.size).toBe(0);
  });

  test('kinds that mean nothing to us are ignored and listed', () => {
    const cluster = world(resource('rbac.authorization.k8s.io/v1', 'Role', 'r'), resource('policy/v1', 'PodDisruptionBudget', 'p'), service('web'));
    expect(cluster.ignored()).toEqual(['policy/v1 PodDisruptionBudget', 'rbac.authorization.k8s.io/v1 Role']);
    expect([...cluster.snapshot().kinds.keys()]).toEqual(['/Service']);
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
