import type { Service } from '../../src/kubernetes';
import { resourcesOf } from '../../src/model/snapshot';
import type { Cluster } from '../../src/source';
import { deployment, endpoints, messages, objects, pods, resource, service, slices, world } from './objects';

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
