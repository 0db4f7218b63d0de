import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';

import { TYPE_URLS, type Configuration } from '../../src/model/configuration';
import { XdsServer, type Nack } from '../../src/xds';
import { EnvoyProcess, get, poll } from './envoy-process';
import { cluster, configuration, endpoints, listener, routes } from './fixtures';

jest.setTimeout(60_000);

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS } = TYPE_URLS;

describe('a real Envoy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xds-'));
  const socket = join(folder, 'xds.sock');
  let envoy: EnvoyProcess;
  let workloads: HttpServer[];
  let ports: number[];
  let server: XdsServer;
  let registry: Registry;
  let current: Configuration;
  let proxy: string | undefined;
  let nacks: Nack[] = [];

  beforeAll(async () => {
    workloads = await Promise.all(['one', 'two'].map(workload));
    ports = workloads.map((each) => (each.address() as AddressInfo).port);
    current = configuration(base());
    await serve();
    envoy = await EnvoyProcess.start(socket);
  });

  afterAll(async () => {
    await envoy?.stop();
    await server.close();
    workloads.forEach((each) => each.close());
    rmSync(folder, { recursive: true });
  });

  beforeEach(() => {
    nacks = [];
  });

  function base() {
    return { clusters: [cluster('a')], endpoints: [endpoints('a', ports[0]!)], listeners: [listener('l', 'r')], routes: [routes('r', 'a')] };
  }

  async function serve(): Promise<void> {
    proxy = undefined;
    registry = new Registry();
    server = new XdsServer({
      registry,
      onConnect: ({ id }) => {
        proxy = id;
        server.setConfiguration(id, current);
      },
      onNack: (_, nack) => void nacks.push(nack),
    });
    await server.listen(`unix:${socket}`);
  }

  function set(next: Configuration): Promise<void> {
    current = next;
    server.setConfiguration(proxy!, next);
    return synced();
  }

  async function synced(): Promise<void> {
    await poll(async () => (proxy && server.isSynced(proxy) && server.status()[0]!.types.size >= 4 ? true : undefined));
  }

  /** Who answers a request through Envoy. */
  async function answer(): Promise<string> {
    const { status, body } = await get({ host: '127.0.0.1', port: await envoy.port('l'), path: '/' });
    return `${status} ${body}`;
  }

  async function pushes(): Promise<Record<string, number>> {
    const { values } = await registry.getSingleMetric('pilot_xds_pushes')!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.type, value]));
  }

  test('gets listeners, routes, clusters and endpoints, and serves', async () => {
    await expect(answer()).resolves.toBe('200 one');
    await synced();
    expect(Object.fromEntries([...server.status()[0]!.types].map(([type, { state, acked }]) => [type, [state, acked]]))).toEqual({
      [CDS]: ['synced', 1], [EDS]: ['synced', 1], [LDS]: ['synced', 1], [RDS]: ['synced', 1],
    });
    expect(await pushes()).toEqual({ cds: 1, eds: 1, lds: 1, rds: 1 });
  });

  test('takes changed endpoints alone', async () => {
    const before = await pushes();
    await set(configuration({ ...base(), endpoints: [endpoints('a', ports[1]!)] }));
    await expect(answer()).resolves.toBe('200 two');
    expect(await pushes()).toEqual({ ...before, eds: before.eds! + 1 });
  });

  test('does not stall when a cluster changes and its endpoints do not', async () => {
    await set(configuration(base()));
    const from = Date.now();
    await set(configuration({ ...base(), clusters: [cluster('a', 2000)] }));
    // Without its endpoints Envoy would warm the cluster for the 15 s of initial_fetch_timeout.
    expect(Date.now() - from).toBeLessThan(8_000);
    expect(await envoy.stat('cluster_manager.warming_clusters')).toBe(0);
    await expect(answer()).resolves.toBe('200 one');
  });

  test('never answers 503 while everything behind a route is replaced', async () => {
    const port = await envoy.port('l');
    const statuses = new Map<number, number>();
    let running = true;
    const load = (async () => {
      while (running) {
        const { status } = await get({ host: '127.0.0.1', port, path: '/' });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    })();
    for (let round = 0; round < 10; round += 1) {
      const name = `round-${round}`;
      await set(configuration({ ...base(), clusters: [cluster(name)], endpoints: [endpoints(name, ports[round % 2]!)], routes: [routes('r', name)] }));
    }
    running = false;
    await load;
    expect([...statuses.keys()]).toEqual([200]);
    expect(await envoy.stat('cluster_manager.active_clusters')).toBe(2);
  });

  test('keeps the last good listener when the next is refused, and its cluster', async () => {
    await set(configuration(base()));
    const bad = listener('l', 'r', 1_000_000);
    await set(configuration({ listeners: [bad], routes: [routes('r', 'b')], clusters: [cluster('b')], endpoints: [endpoints('b', ports[1]!)] }));
    expect(nacks).toEqual([{ typeUrl: LDS, names: ['l'], message: expect.stringMatching(/PortValue|port_value/i) }]);
    await set(configuration(base()));
    await expect(answer()).resolves.toBe('200 one');
  });

  test('finds the bad resource among good ones', async () => {
    const bad = cluster('bad', 1000, { edsClusterConfig: undefined, type: 0, lbSubsetConfig: {}, loadAssignment: { clusterName: 'bad', endpoints: [{ priority: 129 }] } });
    const good = ['b', 'c', 'd', 'e'].map((name) => cluster(name));
    await set(configuration({ ...base(), clusters: [cluster('a'), ...good, bad], endpoints: [...base().endpoints, ...good.map(({ name }) => endpoints(name, ports[0]!))] }));
    expect(nacks).toEqual([{ typeUrl: CDS, names: ['bad'], message: expect.stringContaining('bad') }]);
    expect(await envoy.stat('cluster_manager.active_clusters')).toBe(6);
    await set(configuration(base()));
  });

  test('goes on while the server is away, and is sent nothing when it is back', async () => {
    await server.close();
    await expect(answer()).resolves.toBe('200 one');
    await serve();
    await synced();
    await expect(answer()).resolves.toBe('200 one');
    expect(await pushes()).toEqual({});
  });

  test('gets what changed while the server was away, with the endpoints of the changed cluster', async () => {
    await server.close();
    current = configuration({ ...base(), clusters: [cluster('a', 3000)], routes: base().routes });
    const from = Date.now();
    await serve();
    await synced();
    expect(Date.now() - from).toBeLessThan(12_000);
    expect(await pushes()).toEqual({ cds: 1, eds: 1 });
    await expect(answer()).resolves.toBe('200 one');
  });
});

function workload(name: string): Promise<HttpServer> {
  const server = createServer((_, response) => response.end(name));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
