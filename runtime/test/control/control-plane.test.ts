import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Compiler, parseNode } from '../../src/compile';
import { Acceptance } from '../../src/control/acceptance';
import { ControlPlane, type ProxyCompiler } from '../../src/control/control-plane';
import { ControlMetrics } from '../../src/control/metrics';
import { serveStatus } from '../../src/control/status-server';
import { TYPE_URLS } from '../../src/model/configuration';
import { Cluster } from '../../src/source';
import { XdsServer } from '../../src/xds';
import { deployment, objects, service } from '../source/objects';
import { DeltaClient } from '../xds/delta-client';

const { cluster: CDS, endpoint: EDS, listener: LDS } = TYPE_URLS;
const folder = mkdtempSync(join(tmpdir(), 'control-'));
const address = `unix:${join(folder, 'xds')}`;

/** The real parts joined, with a count of what is compiled. */
class Harness {
  public readonly cluster = new Cluster();
  public readonly metrics = new ControlMetrics();
  public compiled = 0;
  /** Makes compiling as slow as with a large mesh. */
  public slowMs = 0;
  public changes = 0;
  public readonly plane: ControlPlane;
  private readonly server: XdsServer;
  private readonly clients: DeltaClient[] = [];

  public constructor() {
    const acceptance = new Acceptance();
    const compiler = new Compiler();
    const counting: ProxyCompiler = { prepare: (snapshot, proxy) => compiler.prepare(snapshot, proxy), compile: (snapshot, proxy) => {
      this.compiled += 1;
      for (const end = performance.now() + this.slowMs; performance.now() < end;);
      return compiler.compile(snapshot, proxy);
    } };
    this.server = new XdsServer({
      registry: this.metrics.registry,
      onConnect: (proxy) => this.plane.connected(proxy),
      onDisconnect: (proxy) => this.plane.disconnected(proxy),
      onAck: (proxy, { typeUrl }) => this.plane.acknowledged(proxy, typeUrl),
      onNack: (proxy, nack) => this.plane.refused(proxy, nack),
      onSynced: () => this.plane.synced(),
    });
    this.plane = new ControlPlane({
      accept: (raw) => acceptance.accept(raw), compiler: counting, parseNode, server: this.server, metrics: this.metrics, onChange: () => { this.changes += 1; },
    });
    this.cluster.apply(objects(service('web'), deployment('web')));
  }

  public async listen(): Promise<void> {
    await this.server.listen(address);
  }

  /** A proxy that asks for clusters and acknowledges everything. */
  public client(name: string, autoAck = true): DeltaClient {
    const client = new DeltaClient(address, name.includes('~') ? name : `sidecar~10.244.9.9~${name}.default~default.svc.cluster.local`, autoAck);
    this.clients.push(client);
    client.subscribe(CDS);
    return client;
  }

  public async close(): Promise<void> {
    this.clients.forEach((client) => client.close());
    await this.server.close();
  }
}

let harness: Harness;

beforeEach(async () => {
  harness = new Harness();
  await harness.listen();
});

afterEach(() => harness.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition() && Date.now() < deadline;) {
    await new Promise((wake) => setTimeout(wake, 5));
  }
  expect(condition()).toBe(true);
}

const names = (resources: readonly string[]): string[] => resources.map((text) => text.slice(0, text.lastIndexOf('@')));

test('a proxy that connects before there is anything is served as soon as there is', async () => {
  const client = harness.client('early');
  expect(await client.during(100)).toEqual([]);
  expect(harness.plane.isReady()).toBe(false);

  harness.plane.update(harness.cluster.snapshot());

  expect(names((await client.next()).resources)).toContain('outbound|80||web.default.svc.cluster.local');
  expect(harness.plane.isReady()).toBe(true);
});

test('an edit reaches every connected proxy, and only what changed', async () => {
  const clients = [harness.client('a'), harness.client('b')];
  harness.plane.update(harness.cluster.snapshot());
  await Promise.all(clients.map((client) => client.next()));

  harness.cluster.apply(objects(service('shop')));
  harness.plane.update(harness.cluster.snapshot());

  for (const client of clients) {
    expect(names((await client.next()).resources)).toEqual(['outbound|80||shop.default.svc.cluster.local']);
  }
});

test('edits that come while one is pushed are merged into the next', async () => {
  for (let i = 0; i < 40; i++) {
    harness.client(`p${i}`);
  }
  await until(() => harness.plane.state().proxies.length === 40);
  harness.slowMs = 5;
  const before = harness.compiled;
  for (let i = 0; i < 30; i++) {
    harness.cluster.apply(objects(service(`s${i}`)));
    harness.plane.update(harness.cluster.snapshot());
    await new Promise((wake) => setImmediate(wake));
  }
  const { revision } = harness.cluster.snapshot();
  await until(() => harness.plane.state().revision === revision);

  // One edit takes 40 × 5 ms; the 30 come five at a time or more, because other work passes every 40 ms.
  expect((harness.compiled - before) / 40).toBeLessThan(10);
});

test('state tells who has acknowledged which revision', async () => {
  const client = harness.client('slow', false);
  await until(() => harness.plane.state().proxies.length === 1);
  harness.plane.update(harness.cluster.snapshot());
  client.subscribe(LDS);
  const responses = [await client.next()];
  expect(harness.plane.state()).toMatchObject({ revision: harness.cluster.snapshot().revision, proxies: [{ synced: false }] });

  client.ack(responses[0]!);
  client.ack(await client.next());

  await until(() => harness.plane.state().proxies[0]?.synced === true);
});

test('what Envoy refuses is a problem of its pod until it takes something better', async () => {
  const client = harness.client('picky', false);
  harness.plane.update(harness.cluster.snapshot());
  for (let response = await client.next(); ; response = await client.next()) {
    client.nack(response, 'cluster is no good');
    if (harness.plane.state().problems.length > 0 || response.resources.length === 1) {
      break;
    }
  }
  await until(() => harness.plane.state().problems.length > 0);

  expect(harness.plane.state().problems[0]).toEqual({
    resource: { kind: 'Pod', namespace: 'default', name: 'picky' }, path: '', message: expect.stringMatching(/^its Envoy refuses Cluster .*: cluster is no good$/),
  });

  client.close();
  await until(() => harness.plane.state().problems.length === 0);
});

test('a node that says not who it is is a problem, and gets nothing', async () => {
  const client = harness.client('sidecar~nobody');
  harness.plane.update(harness.cluster.snapshot());

  expect(await client.during(100)).toEqual([]);
  expect(harness.plane.state().problems).toEqual([{
    resource: { kind: 'Node', namespace: '', name: 'sidecar~nobody' }, path: '', message: expect.stringContaining('is not of the form'),
  }]);
});

describe('the status port', () => {
  let server: Server;
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    return { status: response.status, body: await response.text() };
  };

  beforeEach(() => new Promise<void>((resolve) => {
    server = serveStatus(harness.plane, harness.metrics).listen(0, '127.0.0.1', resolve);
  }));

  afterEach(() => server.close());

  test('is ready when there is configuration', async () => {
    expect((await page('/ready')).status).toBe(503);
    harness.plane.update(harness.cluster.snapshot());
    expect(await page('/ready')).toEqual({ status: 200, body: 'ready\n' });
  });

  test('has metrics by istiod names', async () => {
    const client = harness.client('a');
    harness.plane.update(harness.cluster.snapshot());
    client.subscribe(EDS, ['outbound|80||web.default.svc.cluster.local']);
    await client.next();
    await client.next();
    const { body } = await page('/metrics');

    expect(body).toMatch(/^pilot_services 1$/m);
    expect(body).toMatch(/^pilot_xds 1$/m);
    expect(body).toMatch(/^pilot_xds_pushes\{type="cds"\} 1$/m);
  });

  test('tells what proxies have acknowledged', async () => {
    const client = harness.client('a');
    harness.plane.update(harness.cluster.snapshot());
    await client.next();
    await until(() => harness.plane.status()[0]?.types.get(CDS)?.state === 'synced');
    const [row] = JSON.parse((await page('/debug/syncz')).body);

    expect(row).toMatchObject({ node: 'sidecar~10.244.9.9~a.default~default.svc.cluster.local', types: { [CDS]: { state: 'synced' } } });
    expect((await page('/debug/problems')).body.trim()).toBe('[]');
    expect((await page('/nothing')).status).toBe(404);
  });
});
