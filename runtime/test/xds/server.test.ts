import { TYPE_URLS } from '../../src/model/configuration';
import { cluster, configuration, endpoints, id, listener, routes } from './fixtures';
import { parts, ServerHarness } from './server-harness';

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS } = TYPE_URLS;

describe('XdsServer', () => {
  const harness = new ServerHarness();

  beforeEach(() => harness.start());
  afterEach(() => harness.stop());
  afterAll(() => harness.remove());

  test('a wildcard subscription gets everything, a named one its names', async () => {
    const client = harness.connect();
    client.subscribe(CDS);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('a'))], removed: [] });
    client.subscribe(EDS, ['a', 'nowhere']);
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))], removed: ['nowhere'] });
  });

  test('a first wildcard request is answered even if there is nothing: Envoy waits for it when it starts', async () => {
    harness.current = configuration({});
    const client = harness.connect();
    client.subscribe(CDS, ['*']);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [], removed: [] });
  });

  test('nothing is sent before the configuration is known', async () => {
    harness.current = undefined;
    const client = harness.connect();
    client.subscribe(CDS);
    expect(await client.during(100)).toEqual([]);
    harness.set(configuration(parts));
    expect(await client.next()).toMatchObject({ typeUrl: CDS });
  });

  test('only what changed is sent', async () => {
    harness.current = configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)] });
    const client = harness.connect();
    client.subscribe(CDS);
    client.ack(await client.next());
    client.subscribe(EDS, ['a', 'b']);
    client.ack(await client.next());
    harness.set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1), endpoints('b', 2)] }));
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('b', 2))], removed: [] });
    harness.set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1), endpoints('b', 2)] }));
    expect(await client.during(100)).toEqual([]);
  });

  test('a client that comes back with what it has is sent nothing', async () => {
    const client = harness.connect();
    const version = (resource: { version: string }) => resource.version;
    client.subscribe(CDS, [], { a: version(cluster('a')) });
    client.subscribe(EDS, ['a'], { a: version(endpoints('a', 1)) });
    client.subscribe(LDS, [], { l: version(listener('l', 'r')) });
    client.subscribe(RDS, ['r'], { r: version(routes('r', 'a')) });
    expect(await client.during(200)).toEqual([]);
    expect(harness.server.status()[0]).toMatchObject({ synced: true });
  });

  test('a client that comes back is told what is gone meanwhile', async () => {
    const client = harness.connect();
    client.subscribe(CDS, [], { a: cluster('a').version, old: 'x' });
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [], removed: ['old'] });
  });

  test('the endpoints of a changed cluster follow in the same push, without waiting for the acknowledgement', async () => {
    const client = await harness.synced();
    harness.set(configuration({ ...parts, clusters: [cluster('a', 2000)] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('a', 2000))] });
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))] });
  });

  test('a client that comes back to a changed cluster gets its endpoints, though it has them', async () => {
    const client = harness.connect();
    client.subscribe(CDS, [], { a: 'older' });
    await client.next();
    client.subscribe(EDS, ['a'], { a: endpoints('a', 1).version });
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))] });
  });

  test('a change of endpoints touches nothing else', async () => {
    const client = await harness.synced();
    harness.set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1, 2))] });
    expect(await client.during(100)).toEqual([]);
  });

  test('makes before it breaks: routes wait for the acknowledged cluster, the old cluster goes when the routes are acknowledged', async () => {
    const client = await harness.synced();
    harness.set(configuration({ clusters: [cluster('b')], endpoints: [endpoints('b', 2)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    const added = await client.next();
    expect(added).toMatchObject({ typeUrl: CDS, resources: [id(cluster('b'))], removed: [] });
    expect(await client.during(150)).toEqual([]);
    client.subscribe(EDS, ['b']);
    client.ack(await client.next());
    client.ack(added);
    const routed = await client.next();
    expect(routed).toMatchObject({ typeUrl: RDS, resources: [id(routes('r', 'b'))] });
    expect(await client.during(150)).toEqual([]);
    client.ack(routed);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [], removed: ['a'] });
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [], removed: ['a'] });
  });

  test('a client that does not acknowledge its clusters gets its routes all the same, a little later', async () => {
    const client = await harness.synced();
    harness.set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS });
    expect(await client.next()).toMatchObject({ typeUrl: RDS });
  });

  test('a rejected cluster does not hold up the routes', async () => {
    const client = await harness.synced();
    harness.set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    client.nack(await client.next(), 'bad cluster b');
    expect(await client.next()).toMatchObject({ typeUrl: RDS });
    expect(harness.nacks).toEqual([{ typeUrl: CDS, names: ['b'], message: 'bad cluster b' }]);
  });

  test('a cluster stays while a route outlives its rejected successor', async () => {
    const client = await harness.synced();
    harness.set(configuration({ listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    client.nack(await client.next(), 'bad route');
    expect(await client.during(150)).toEqual([]);
    expect(harness.server.status()[0]!.types.get(RDS)).toMatchObject({ state: 'rejected', rejected: ['r'] });
    harness.set(configuration({ listeners: [listener('l', 'r')], routes: [routes('r', 'c')] }));
    client.ack(await client.next());
    expect(await client.next()).toMatchObject({ typeUrl: CDS, removed: ['a'] });
  });

  test('the bad resource of many is found, and the others get through', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    harness.current = configuration({ clusters: names.map((name) => cluster(name)) });
    const client = harness.connect();
    client.subscribe(CDS);
    const accepted = new Set<string>();
    while (accepted.size < 4 || harness.nacks.length < 1) {
      const response = await client.next();
      if (response.resources.includes(id(cluster('c')))) client.nack(response, 'c is bad');
      else {
        response.resources.forEach((each) => accepted.add(each));
        client.ack(response);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(harness.nacks).toEqual([{ typeUrl: CDS, names: ['c'], message: 'c is bad' }]);
    expect(accepted).toEqual(new Set(['a', 'b', 'd', 'e'].map((name) => id(cluster(name)))));
    expect(await client.during(300)).toEqual([]);
    expect(harness.server.status()[0]!.types.get(CDS)).toMatchObject({ state: 'rejected', wanted: 5, acked: 4, lastNack: { message: 'c is bad' } });
  });

  test('a rejected version is not sent again, its successor is', async () => {
    harness.current = configuration({ clusters: [cluster('a')] });
    const client = harness.connect();
    client.subscribe(CDS);
    client.nack(await client.next(), 'no');
    expect(await client.during(300)).toEqual([]);
    harness.set(configuration({ clusters: [cluster('a', 2000)] }));
    client.ack(await client.next());
    await client.waitFor(() => harness.server.status()[0]!.types.get(CDS)!.state === 'synced');
  });

  test('unsubscribed names are not sent any more, subscribing again is answered again', async () => {
    const client = await harness.synced();
    client.unsubscribe(EDS, ['a']);
    await client.during(100);
    harness.set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    expect(await client.during(100)).toEqual([]);
    client.subscribe(EDS, ['a']);
    client.ack(await client.next());
    client.subscribe(EDS, ['a']);
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1, 2))] });
  });

  test('names asked for on demand beside the wildcard come along', async () => {
    const client = await harness.synced();
    client.subscribe(CDS, ['later']);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, removed: ['later'] });
    harness.set(configuration({ ...parts, clusters: [cluster('a'), cluster('later')] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('later'))] });
  });

  test('leaving the wildcard leaves only what was asked for by name', async () => {
    harness.current = configuration({ clusters: [cluster('a'), cluster('b')] });
    const client = harness.connect();
    client.subscribe(CDS, ['*', 'a']);
    client.ack(await client.next());
    client.unsubscribe(CDS, ['*']);
    harness.set(configuration({ clusters: [cluster('a', 2000), cluster('b', 2000)] }));
    expect(await client.next()).toMatchObject({ resources: [id(cluster('a', 2000))] });
  });

  test('changes while an answer is outstanding are collected into one push', async () => {
    const client = await harness.synced();
    harness.set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    const first = await client.next();
    for (const port of [3, 4, 5]) harness.set(configuration({ ...parts, endpoints: [endpoints('a', port)] }));
    expect(await client.during(100)).toEqual([]);
    client.ack(first);
    expect(await client.next()).toMatchObject({ resources: [id(endpoints('a', 5))] });
    expect(await client.during(100)).toEqual([]);
  });

  test('a proxy is not in step before it has asked for its listeners', async () => {
    const client = harness.connect();
    client.subscribe(CDS);
    client.ack(await client.next());
    expect(await client.during(100)).toEqual([]);
    expect(harness.server.isSynced(harness.proxies[0]!.id)).toBe(false);
    client.subscribe(LDS);
    client.ack(await client.next());
    await client.waitFor(() => harness.server.isSynced(harness.proxies[0]!.id));
  });
});
