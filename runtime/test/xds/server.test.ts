import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';

import { TYPE_URLS, type Configuration } from '../../src/model/configuration';
import { XdsServer, type ConnectedProxy, type Nack, type Timing } from '../../src/xds';
import { DeltaClient } from './delta-client';
import { cluster, configuration, endpoints, id, listener, routes } from './fixtures';

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS } = TYPE_URLS;
const folder = mkdtempSync(join(tmpdir(), 'xds-'));
const address = `unix:${join(folder, 'xds.sock')}`;

describe('XdsServer', () => {
  let server: XdsServer;
  let registry: Registry;
  let current: Configuration | undefined;
  let proxies: ConnectedProxy[];
  let nacks: Nack[];
  const clients: DeltaClient[] = [];

  const one = configuration({
    clusters: [cluster('a')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'a')],
  });

  beforeEach(async () => {
    nacks = [];
    current = one;
    await start({ coalesce: 200, patience: 800 });
  });

  async function start(timing: Partial<Timing>): Promise<void> {
    proxies = [];
    registry = new Registry();
    server = new XdsServer({
      registry,
      timing,
      onConnect: (proxy) => {
        proxies.push(proxy);
        if (current) server.setConfiguration(proxy.id, current);
      },
      onDisconnect: (proxy) => void proxies.splice(proxies.indexOf(proxy), 1),
      onNack: (_, nack) => void nacks.push(nack),
    });
    await server.listen(address);
  }

  async function restart(timing: Partial<Timing>): Promise<void> {
    await server.close();
    await start(timing);
  }

  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close());
    await server.close();
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function connect(autoAck = false): DeltaClient {
    const client = new DeltaClient(address, undefined, autoAck);
    clients.push(client);
    return client;
  }

  /** A client that has and acknowledged everything. */
  async function synced(): Promise<DeltaClient> {
    const client = connect();
    client.subscribe(CDS);
    client.ack(await client.next());
    client.subscribe(EDS, ['a']);
    client.ack(await client.next());
    client.subscribe(LDS);
    client.ack(await client.next());
    client.subscribe(RDS, ['r']);
    client.ack(await client.next());
    await client.waitFor(() => server.isSynced(proxies[0]!.id));
    return client;
  }

  function set(next: Configuration): void {
    current = next;
    for (const proxy of proxies) server.setConfiguration(proxy.id, next);
  }

  test('a wildcard subscription gets everything, a named one its names', async () => {
    const client = connect();
    client.subscribe(CDS);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('a'))], removed: [] });
    client.subscribe(EDS, ['a', 'nowhere']);
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))], removed: ['nowhere'] });
  });

  test('a first wildcard request is answered even if there is nothing: Envoy waits for it when it starts', async () => {
    current = configuration({});
    const client = connect();
    client.subscribe(CDS, ['*']);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [], removed: [] });
  });

  test('nothing is sent before the configuration is known', async () => {
    current = undefined;
    const client = connect();
    client.subscribe(CDS);
    expect(await client.during(100)).toEqual([]);
    set(one);
    expect(await client.next()).toMatchObject({ typeUrl: CDS });
  });

  test('only what changed is sent', async () => {
    current = configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)] });
    const client = connect();
    client.subscribe(CDS);
    client.ack(await client.next());
    client.subscribe(EDS, ['a', 'b']);
    client.ack(await client.next());
    set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1), endpoints('b', 2)] }));
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('b', 2))], removed: [] });
    set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1), endpoints('b', 2)] }));
    expect(await client.during(100)).toEqual([]);
  });

  test('a client that comes back with what it has is sent nothing', async () => {
    const client = connect();
    const version = (resource: { version: string }) => resource.version;
    client.subscribe(CDS, [], { a: version(cluster('a')) });
    client.subscribe(EDS, ['a'], { a: version(endpoints('a', 1)) });
    client.subscribe(LDS, [], { l: version(listener('l', 'r')) });
    client.subscribe(RDS, ['r'], { r: version(routes('r', 'a')) });
    expect(await client.during(200)).toEqual([]);
    expect(server.status()[0]).toMatchObject({ synced: true });
  });

  test('a client that comes back is told what is gone meanwhile', async () => {
    const client = connect();
    client.subscribe(CDS, [], { a: cluster('a').version, old: 'x' });
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [], removed: ['old'] });
  });

  test('the endpoints of a changed cluster follow in the same push, without waiting for the acknowledgement', async () => {
    const client = await synced();
    set(configuration({ ...parts, clusters: [cluster('a', 2000)] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('a', 2000))] });
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))] });
  });

  test('a client that comes back to a changed cluster gets its endpoints, though it has them', async () => {
    const client = connect();
    client.subscribe(CDS, [], { a: 'older' });
    await client.next();
    client.subscribe(EDS, ['a'], { a: endpoints('a', 1).version });
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1))] });
  });

  test('a change of endpoints touches nothing else', async () => {
    const client = await synced();
    set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1, 2))] });
    expect(await client.during(100)).toEqual([]);
  });

  test('makes before it breaks: routes wait for the acknowledged cluster, the old cluster goes when the routes are acknowledged', async () => {
    const client = await synced();
    set(configuration({ clusters: [cluster('b')], endpoints: [endpoints('b', 2)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
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
    const client = await synced();
    set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS });
    expect(await client.next()).toMatchObject({ typeUrl: RDS });
  });

  test('a rejected cluster does not hold up the routes', async () => {
    const client = await synced();
    set(configuration({ clusters: [cluster('a'), cluster('b')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    client.nack(await client.next(), 'bad cluster b');
    expect(await client.next()).toMatchObject({ typeUrl: RDS });
    expect(nacks).toEqual([{ typeUrl: CDS, names: ['b'], message: 'bad cluster b' }]);
  });

  test('a cluster stays while a route outlives its rejected successor', async () => {
    const client = await synced();
    set(configuration({ listeners: [listener('l', 'r')], routes: [routes('r', 'b')] }));
    client.nack(await client.next(), 'bad route');
    expect(await client.during(150)).toEqual([]);
    expect(server.status()[0]!.types.get(RDS)).toMatchObject({ state: 'rejected', rejected: ['r'] });
    set(configuration({ listeners: [listener('l', 'r')], routes: [routes('r', 'c')] }));
    client.ack(await client.next());
    expect(await client.next()).toMatchObject({ typeUrl: CDS, removed: ['a'] });
  });

  test('the bad resource of many is found, and the others get through', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    current = configuration({ clusters: names.map((name) => cluster(name)) });
    const client = connect();
    client.subscribe(CDS);
    const accepted = new Set<string>();
    while (accepted.size < 4 || nacks.length < 1) {
      const response = await client.next();
      if (response.resources.includes(id(cluster('c')))) client.nack(response, 'c is bad');
      else {
        response.resources.forEach((each) => accepted.add(each));
        client.ack(response);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(nacks).toEqual([{ typeUrl: CDS, names: ['c'], message: 'c is bad' }]);
    expect(accepted).toEqual(new Set(['a', 'b', 'd', 'e'].map((name) => id(cluster(name)))));
    expect(await client.during(300)).toEqual([]);
    expect(server.status()[0]!.types.get(CDS)).toMatchObject({ state: 'rejected', wanted: 5, acked: 4, lastNack: { message: 'c is bad' } });
  });

  test('a rejected version is not sent again, its successor is', async () => {
    current = configuration({ clusters: [cluster('a')] });
    const client = connect();
    client.subscribe(CDS);
    client.nack(await client.next(), 'no');
    expect(await client.during(300)).toEqual([]);
    set(configuration({ clusters: [cluster('a', 2000)] }));
    client.ack(await client.next());
    await client.waitFor(() => server.status()[0]!.types.get(CDS)!.state === 'synced');
  });

  test('unsubscribed names are not sent any more, subscribing again is answered again', async () => {
    const client = await synced();
    client.unsubscribe(EDS, ['a']);
    await client.during(100);
    set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    expect(await client.during(100)).toEqual([]);
    client.subscribe(EDS, ['a']);
    client.ack(await client.next());
    client.subscribe(EDS, ['a']);
    expect(await client.next()).toMatchObject({ typeUrl: EDS, resources: [id(endpoints('a', 1, 2))] });
  });

  test('names asked for on demand beside the wildcard come along', async () => {
    const client = await synced();
    client.subscribe(CDS, ['later']);
    expect(await client.next()).toMatchObject({ typeUrl: CDS, removed: ['later'] });
    set(configuration({ ...parts, clusters: [cluster('a'), cluster('later')] }));
    expect(await client.next()).toMatchObject({ typeUrl: CDS, resources: [id(cluster('later'))] });
  });

  test('leaving the wildcard leaves only what was asked for by name', async () => {
    current = configuration({ clusters: [cluster('a'), cluster('b')] });
    const client = connect();
    client.subscribe(CDS, ['*', 'a']);
    client.ack(await client.next());
    client.unsubscribe(CDS, ['*']);
    set(configuration({ clusters: [cluster('a', 2000), cluster('b', 2000)] }));
    expect(await client.next()).toMatchObject({ resources: [id(cluster('a', 2000))] });
  });

  test('changes while an answer is outstanding are collected into one push', async () => {
    const client = await synced();
    set(configuration({ ...parts, endpoints: [endpoints('a', 1, 2)] }));
    const first = await client.next();
    for (const port of [3, 4, 5]) set(configuration({ ...parts, endpoints: [endpoints('a', port)] }));
    expect(await client.during(100)).toEqual([]);
    client.ack(first);
    expect(await client.next()).toMatchObject({ resources: [id(endpoints('a', 5))] });
    expect(await client.during(100)).toEqual([]);
  });

  test('an answer with an unknown nonce changes nothing and is counted', async () => {
    const client = await synced();
    client.send({ typeUrl: CDS, responseNonce: 'nonsense' });
    client.send({ typeUrl: CDS, responseNonce: 'nonsense', errorDetail: { code: 1, message: 'late' } });
    await client.during(100);
    expect(nacks).toEqual([]);
    expect((await registry.getSingleMetric('pilot_xds_expired_nonce')!.get()).values).toMatchObject([{ value: 2, labels: { type: 'cds' } }]);
  });

  test.each([
    ['without a node', { node: {} }, /node\.id is empty/],
    ['without a type', { typeUrl: '' }, /type_url is empty/],
    ['with a name beyond all measure', { resourceNamesSubscribe: ['x'.repeat(9000)] }, /resource name/],
  ])('a request %s ends its stream only', async (_, request, message) => {
    const good = await synced();
    const bad = connect();
    bad.send({ typeUrl: CDS, ...request });
    await expect(bad.next()).rejects.toThrow(message);
    set(configuration({ ...parts, endpoints: [endpoints('a', 9)] }));
    expect(await good.next()).toMatchObject({ typeUrl: EDS });
  });

  describe('a client that does not read', () => {
    const large = (port: number) => configuration({ clusters: [cluster('a', port, { altStatName: 'x'.repeat(300_000) })] });

    /** Goes on changing things as long as the client is connected, and at most so long. */
    async function change(ms: number): Promise<number> {
      let version = 1000;
      for (const end = Date.now() + ms; Date.now() < end && proxies.length > 0;) {
        set(large(version += 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return version;
    }

    beforeEach(async () => {
      await restart({ coalesce: 1, patience: 1, writeTimeout: 1500 });
    });

    test('gets the newest when it reads again, not all that it missed', async () => {
      const client = connect();
      client.subscribe(CDS);
      await client.next();
      client.pause();
      const last = await change(1000);
      client.resume();
      await client.waitFor(() => client.received.at(-1)?.resources[0] === id(cluster('a', last, { altStatName: 'x'.repeat(300_000) })));
      // What the kernel and HTTP/2 had taken in already still arrives.
      expect(client.received.length).toBeLessThan((last - 1000) / 2);
    });

    test('or never answers gets no more than it may leave unanswered', async () => {
      const client = connect();
      client.subscribe(EDS, ['a']);
      for (let port = 1; port <= 100; port += 1) {
        set(configuration({ endpoints: [endpoints('a', port)] }));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await client.during(50).then((received) => expect(received).toHaveLength(64));
      expect(server.status()[0]!.types.get(EDS)).toMatchObject({ state: 'stale', unanswered: 64 });
    });

    test('is cut off when it stays away', async () => {
      const client = connect();
      client.subscribe(CDS);
      await client.next();
      client.pause();
      await change(8_000);
      expect(proxies).toEqual([]);
      expect((await registry.getSingleMetric('pilot_xds_write_timeout')!.get()).values).toMatchObject([{ value: 1 }]);
    });
  });

  test('bytes that are no request end their stream only, and hostile names are names', async () => {
    const good = await synced();
    const bad = connect();
    bad.sendBytes(Buffer.from('ffffffffffffffffffffff', 'hex'));
    await expect(bad.next()).rejects.toThrow(/deserializ|invalid|out of range/i);
    const versions = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    const odd = connect();
    odd.subscribe(CDS, ['*'], versions);
    expect(await odd.next()).toMatchObject({ resources: [id(cluster('a'))] });
    expect(Object.prototype).not.toHaveProperty('x');
    set(configuration({ ...parts, endpoints: [endpoints('a', 9)] }));
    expect(await good.next()).toMatchObject({ typeUrl: EDS });
  });

  test('a proxy is not in step before it has asked for its listeners', async () => {
    const client = connect();
    client.subscribe(CDS);
    client.ack(await client.next());
    expect(await client.during(100)).toEqual([]);
    expect(server.isSynced(proxies[0]!.id)).toBe(false);
    client.subscribe(LDS);
    client.ack(await client.next());
    await client.waitFor(() => server.isSynced(proxies[0]!.id));
  });

  test('a socket file of a server that was killed is no obstacle, one in use is', async () => {
    const other = new XdsServer({ onConnect: () => undefined });
    await expect(other.listen(address)).rejects.toThrow(`cannot serve xDS on ${address}`);
    const stale = join(folder, 'stale.sock');
    spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    expect(existsSync(stale)).toBe(true);
    await other.listen(`unix:${stale}`);
    await other.close();
  });

  test('metrics have the names that istiod gives them', async () => {
    const client = await synced();
    set(configuration({ ...parts, routes: [routes('r', 'z')] }));
    client.nack(await client.next(), 'no');
    await client.waitFor(() => nacks.length > 0);
    const text = await registry.metrics();
    expect(text).toContain('pilot_xds 1\n');
    expect(text).toContain('pilot_xds_pushes{type="rds"} 2\n');
    expect(text).toContain('pilot_total_xds_rejects{type="rds"} 1\n');
    expect(text).toMatch(/pilot_proxy_convergence_time_count [1-9]/);
  });

  test('a disconnected proxy is forgotten', async () => {
    const client = await synced();
    client.close();
    clients.splice(0);
    const deadline = Date.now() + 5000;
    while (proxies.length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([proxies, server.status()]).toEqual([[], []]);
  });

  const parts = { clusters: [cluster('a')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'a')] };
});
