import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { TYPE_URLS } from '../../src/model/configuration';
import { XdsServer } from '../../src/xds';
import { cluster, configuration, endpoints, id, routes } from './fixtures';
import { parts, ServerHarness } from './server-harness';

const { cluster: CDS, endpoint: EDS } = TYPE_URLS;

describe('XdsServer, with clients of all kinds,', () => {
  const harness = new ServerHarness();

  beforeEach(() => harness.start());
  afterEach(() => harness.stop());
  afterAll(() => harness.remove());

  test('an answer with an unknown nonce changes nothing and is counted', async () => {
    const client = await harness.synced();
    client.send({ typeUrl: CDS, responseNonce: 'nonsense' });
    client.send({ typeUrl: CDS, responseNonce: 'nonsense', errorDetail: { code: 1, message: 'late' } });
    await client.during(100);
    expect(harness.nacks).toEqual([]);
    expect((await harness.registry.getSingleMetric('pilot_xds_expired_nonce')!.get()).values).toMatchObject([{ value: 2, labels: { type: 'cds' } }]);
  });

  test.each([
    ['without a node', { node: {} }, /node\.id is empty/],
    ['without a type', { typeUrl: '' }, /type_url is empty/],
    ['with a name beyond all measure', { resourceNamesSubscribe: ['x'.repeat(9000)] }, /resource name/],
  ])('a request %s ends its stream only', async (_, request, message) => {
    const good = await harness.synced();
    const bad = harness.connect();
    bad.send({ typeUrl: CDS, ...request });
    await expect(bad.next()).rejects.toThrow(message);
    harness.set(configuration({ ...parts, endpoints: [endpoints('a', 9)] }));
    expect(await good.next()).toMatchObject({ typeUrl: EDS });
  });

  describe('a client that does not read', () => {
    const large = (port: number) => configuration({ clusters: [cluster('a', port, { altStatName: 'x'.repeat(300_000) })] });

    /** Goes on changing things as long as the client is connected, and at most so many times. */
    async function change(times: number): Promise<number> {
      let version = 1000;
      for (; version < 1000 + times && harness.proxies.length > 0; await new Promise((resolve) => setTimeout(resolve, 5))) {
        harness.set(large(version += 1));
      }
      return version;
    }

    beforeEach(async () => {
      await harness.stop();
      await harness.start({ coalesce: 1, patience: 1, writeTimeout: 3_000 });
    });

    test('gets the newest when it reads again, not all that it missed', async () => {
      const client = harness.connect();
      client.subscribe(CDS);
      await client.next();
      client.pause();
      const last = await change(200);
      client.resume();
      await client.waitFor(() => client.received.at(-1)?.resources[0] === id(cluster('a', last, { altStatName: 'x'.repeat(300_000) })));
      // What the kernel and HTTP/2 had taken in already still arrives.
      expect(last).toBe(1200);
      expect(client.received.length).toBeLessThan(100);
    });

    test('or never answers gets no more than it may leave unanswered', async () => {
      const client = harness.connect();
      client.subscribe(EDS, ['a']);
      for (let port = 1; port <= 100; port += 1) {
        harness.set(configuration({ endpoints: [endpoints('a', port)] }));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await client.during(50).then((received) => expect(received).toHaveLength(64));
      expect(harness.server.status()[0]!.types.get(EDS)).toMatchObject({ state: 'stale', unanswered: 64 });
    });

    test('is cut off when it stays away', async () => {
      const client = harness.connect();
      client.subscribe(CDS);
      await client.next();
      client.pause();
      await change(5_000);
      expect(harness.proxies).toEqual([]);
      expect((await harness.registry.getSingleMetric('pilot_xds_write_timeout')!.get()).values).toMatchObject([{ value: 1 }]);
    });
  });

  test('bytes that are no request end their stream only, and hostile names are names', async () => {
    const good = await harness.synced();
    const bad = harness.connect();
    bad.sendBytes(Buffer.from('ffffffffffffffffffffff', 'hex'));
    await expect(bad.next()).rejects.toThrow(/deserializ|invalid|out of range/i);
    const versions = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>;
    const odd = harness.connect();
    odd.subscribe(CDS, ['*'], versions);
    expect(await odd.next()).toMatchObject({ resources: [id(cluster('a'))] });
    expect(Object.prototype).not.toHaveProperty('x');
    harness.set(configuration({ ...parts, endpoints: [endpoints('a', 9)] }));
    expect(await good.next()).toMatchObject({ typeUrl: EDS });
  });

  test('a socket file of a server that was killed is no obstacle, one in use is', async () => {
    const other = new XdsServer({ onConnect: () => undefined });
    await expect(other.listen(harness.address)).rejects.toThrow(`cannot serve on ${harness.address}`);
    const stale = join(harness.folder, 'stale.sock');
    spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(stale)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    expect(existsSync(stale)).toBe(true);
    await other.listen(`unix:${stale}`);
    await other.close();
  });

  test('metrics have the names that istiod gives them', async () => {
    const client = await harness.synced();
    harness.set(configuration({ ...parts, routes: [routes('r', 'z')] }));
    client.nack(await client.next(), 'no');
    await client.waitFor(() => harness.nacks.length > 0);
    const text = await harness.registry.metrics();
    expect(text).toContain('pilot_xds 1\n');
    expect(text).toContain('pilot_xds_pushes{type="rds"} 2\n');
    expect(text).toContain('pilot_total_xds_rejects{type="rds"} 1\n');
    expect(text).toMatch(/pilot_proxy_convergence_time_count [1-9]/);
  });

  test('a disconnected proxy is forgotten', async () => {
    const client = await harness.synced();
    client.close();
    const deadline = Date.now() + 5000;
    while (harness.proxies.length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([harness.proxies, harness.server.status()]).toEqual([[], []]);
  });
});
