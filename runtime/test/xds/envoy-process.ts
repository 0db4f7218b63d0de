import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { any, ApiConfigSource_ApiType, ApiVersion, Cluster_DiscoveryType, duration, toJson, type Bootstrap } from '../../src/envoy';
import { findEnvoy } from '../../src/local/envoy-binary';
import { ADS } from './fixtures';

/** A bootstrap that takes listeners and clusters by delta ADS from a Unix socket. */
function bootstrap(xdsSocket: string, adminSocket: string): Bootstrap {
  return {
    node: { id: 'sidecar~127.0.0.1~test.default~default.svc.cluster.local', cluster: 'test' },
    admin: { address: { pipe: { path: adminSocket } } },
    dynamicResources: {
      cdsConfig: ADS,
      ldsConfig: ADS,
      adsConfig: {
        apiType: ApiConfigSource_ApiType.DELTA_GRPC,
        transportApiVersion: ApiVersion.V3,
        grpcServices: [{ envoyGrpc: { clusterName: 'xds' } }],
        setNodeOnFirstMessageOnly: true,
      },
    },
    staticResources: {
      clusters: [{
        name: 'xds',
        type: Cluster_DiscoveryType.STATIC,
        connectTimeout: duration(1000),
        typedExtensionProtocolOptions: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('ClusterHttpProtocolOptions', { explicitHttpConfig: { http2ProtocolOptions: {} } }),
        },
        loadAssignment: { clusterName: 'xds', endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path: xdsSocket } } } }] }] },
      }],
    },
  };
}

/** A real Envoy beside the test. */
export class EnvoyProcess {
  private constructor(private readonly child: ChildProcess, private readonly folder: string) {}

  static async start(xdsSocket: string): Promise<EnvoyProcess> {
    const { path } = await findEnvoy();
    const folder = mkdtempSync(join(tmpdir(), 'envoy-'));
    const config = join(folder, 'bootstrap.json');
    writeFileSync(config, JSON.stringify(toJson('Bootstrap', bootstrap(xdsSocket, join(folder, 'admin.sock')))));
    const child = spawn(path, ['-c', config, '--disable-hot-restart', '--concurrency', '1', '-l', 'warning', '--log-path', join(folder, 'log')], { stdio: 'ignore' });
    const envoy = new EnvoyProcess(child, folder);
    await poll(async () => {
      if (child.exitCode !== null) throw new Error(`Envoy exited with ${child.exitCode}: ${envoy.log()}`);
      return envoy.admin('/listeners?format=json');
    });
    return envoy;
  }

  /** A request to the admin interface, parsed as JSON. */
  admin(path: string): Promise<unknown> {
    return get({ socketPath: join(this.folder, 'admin.sock'), path }).then(({ body }) => JSON.parse(body));
  }

  /** The loopback port of a listener with port 0, once it listens. */
  async port(listener: string): Promise<number> {
    return poll(async () => {
      const { listener_statuses: all = [] } = await this.admin('/listeners?format=json') as { listener_statuses?: ListenerStatus[] };
      return all.find((each) => each.name === listener)?.local_address.socket_address.port_value;
    });
  }

  /** A counter or gauge. */
  async stat(name: string): Promise<number> {
    const { stats = [] } = await this.admin(`/stats?format=json&filter=^${name}$`) as { stats?: { value: number }[] };
    return stats[0]?.value ?? 0;
  }

  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.kill('SIGKILL')) await gone;
    rmSync(this.folder, { recursive: true });
  }
}

interface ListenerStatus {
  readonly name: string;
  readonly local_address: { readonly socket_address: { readonly port_value: number } };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function get(options: { host?: string; port?: number; socketPath?: string; path: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer within 5 s'))).end();
  });
}

/** Asks until there is an answer; after 20 s the last error is thrown. */
export async function poll<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const failure = await ask().then((value) => {
      if (value !== undefined) return { value };
      return new Error('nothing yet after 20 s');
    }, (error: Error) => error);
    if ('value' in failure) return failure.value;
    if (Date.now() > deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
