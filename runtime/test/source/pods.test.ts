import { Cluster } from '../../src/source';
import { deployment, endpoints, names, messages, objects, pods, resource, service, slices, world } from './objects';

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
