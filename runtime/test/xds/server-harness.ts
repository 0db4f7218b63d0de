import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Registry } from 'prom-client';

import { TYPE_URLS, type Configuration } from '../../src/model/configuration';
import { XdsServer, type ConnectedProxy, type Nack, type Timing } from '../../src/xds';
import { DeltaClient } from './delta-client';
import { cluster, configuration, endpoints, listener, routes } from './fixtures';

const { cluster: CDS, endpoint: EDS, listener: LDS, route: RDS } = TYPE_URLS;

/** One cluster with its endpoint, and a listener whose routes name it. */
export const parts = { clusters: [cluster('a')], endpoints: [endpoints('a', 1)], listeners: [listener('l', 'r')], routes: [routes('r', 'a')] };

/** A server on a Unix socket that gives every client the same configuration, and the clients of one test. */
export class ServerHarness {
  readonly folder = mkdtempSync(join(tmpdir(), 'xds-'));
  readonly address = `unix:${join(this.folder, 'xds.sock')}`;
  server!: XdsServer;
  registry!: Registry;
  /** What clients are given; nothing while it is undefined. */
  current: Configuration | undefined;
  proxies: ConnectedProxy[] = [];
  nacks: Nack[] = [];
  private readonly clients: DeltaClient[] = [];

  async start(timing: Partial<Timing> = { coalesce: 200, patience: 800 }): Promise<void> {
    this.proxies = [];
    this.nacks = [];
    this.current = configuration(parts);
    this.registry = new Registry();
    this.server = new XdsServer({
      registry: this.registry,
      timing,
      onConnect: (proxy) => {
        this.proxies.push(proxy);
        if (this.current) this.server.setConfiguration(proxy.id, this.current);
      },
      onDisconnect: (proxy) => void this.proxies.splice(this.proxies.indexOf(proxy), 1),
      onNack: (_, nack) => void this.nacks.push(nack),
    });
    await this.server.listen(this.address);
  }

  async stop(): Promise<void> {
    this.clients.splice(0).forEach((client) => client.close());
    await this.server.close();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  connect(): DeltaClient {
    const client = new DeltaClient(this.address);
    this.clients.push(client);
    return client;
  }

  /** A client that has and acknowledged everything. */
  async synced(): Promise<DeltaClient> {
    const client = this.connect();
    for (const [typeUrl, names] of [[CDS, []], [EDS, ['a']], [LDS, []], [RDS, ['r']]] as const) {
      client.subscribe(typeUrl, names);
      client.ack(await client.next());
    }
    await client.waitFor(() => this.server.isSynced(this.proxies[0]!.id));
    return client;
  }

  set(next: Configuration): void {
    this.current = next;
    for (const proxy of this.proxies) this.server.setConfiguration(proxy.id, next);
  }
}
