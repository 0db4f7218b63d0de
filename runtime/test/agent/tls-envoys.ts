import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { agentCluster, toJson } from '../../src/envoy';
import { findEnvoy } from '../../src/local/envoy-binary';
import { adminText } from '../../src/local/admin';
import { get, poll, type Answer } from '../xds/envoy-process';

export interface TlsEnvoyOptions {
  readonly folder: string;
  /** The agent's socket. */
  readonly secretSocket: string;
  /** @default state of the world, as Istio asks */
  readonly delta?: boolean;
  /** Port of a peer that is called with TLS by plain requests. @default it is itself called with TLS, and says who called */
  readonly callsPort?: () => Promise<number>;
}

/** A real Envoy with certificates by secret discovery: it either answers TLS, or originates it. */
export class TlsEnvoy {
  private child: ChildProcess | undefined;
  private readonly admin: string;

  public constructor(private readonly options: TlsEnvoyOptions) {
    mkdirSync(options.folder, { recursive: true });
    this.admin = join(options.folder, 'admin');
  }

  public async start(): Promise<void> {
    const { path } = await findEnvoy();
    const file = join(this.options.folder, 'envoy.json');
    writeFileSync(file, JSON.stringify(await this.bootstrap()));
    const args = ['-c', file, '--disable-hot-restart', '--concurrency', '1', '-l', 'warning', '--log-path', join(this.options.folder, 'log')];
    const child = spawn(path, args, { stdio: 'ignore' });
    this.child = child;
    await poll(() => this.port());
  }

  public async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    if (child.kill('SIGKILL')) await gone;
  }

  public async port(): Promise<number> {
    const { listener_statuses: [listener] = [] } = JSON.parse(await this.ask('/listeners?format=json')) as Listeners;
    if (!listener) throw new Error('no listener yet');
    return listener.local_address.socket_address.port_value;
  }

  public async get(path = '/'): Promise<Answer> {
    return get({ host: '127.0.0.1', port: await this.port(), path });
  }

  public ask(path: string): Promise<string> {
    return adminText(this.admin, path);
  }

  public log(): string {
    return readFileSync(join(this.options.folder, 'log'), 'utf8');
  }

  private async bootstrap(): Promise<object> {
    const { callsPort, secretSocket } = this.options;
    const peer = callsPort && await callsPort();
    const action = peer === undefined
      ? { direct_response: { status: 200, body: { inline_string: 'hello' } }, response_headers_to_add: [{ header: { key: 'x-peer', value: '%DOWNSTREAM_PEER_URI_SAN% %DOWNSTREAM_PEER_SERIAL%' } }] }
      : { route: { cluster: 'peer' } };
    const upstream = peer === undefined ? [] : [{
      name: 'peer', type: 'STATIC', connect_timeout: '5s',
      // A connection for each request, so that each makes a handshake.
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          'common_http_protocol_options': { max_requests_per_connection: 1 }, 'explicit_http_config': { http_protocol_options: {} },
        },
      },
      load_assignment: { cluster_name: 'peer', endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: peer } } } }] }] },
      transport_socket: this.tls('Upstream'),
    }];
    return {
      node: { id: 'test', cluster: 'test' },
      admin: { address: { pipe: { path: this.admin } } },
      static_resources: {
        clusters: [toJson('Cluster', agentCluster(secretSocket)), ...upstream],
        listeners: [{
          name: 'in', address: { socket_address: { address: '127.0.0.1', port_value: 0 } },
          filter_chains: [{ filters: [http(action)], ...(peer === undefined ? { transport_socket: this.tls('Downstream') } : {}) }],
        }],
      },
    };
  }

  private tls(direction: 'Upstream' | 'Downstream'): object {
    const config = (name: string) => ({
      name,
      sds_config: {
        resource_api_version: 'V3', initial_fetch_timeout: '0s',
        api_config_source: { api_type: this.options.delta ? 'DELTA_GRPC' : 'GRPC', transport_api_version: 'V3', set_node_on_first_message_only: true, grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }] },
      },
    });
    return {
      name: 'tls',
      typed_config: {
        '@type': `type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.${direction}TlsContext`,
        ...(direction === 'Downstream' ? { require_client_certificate: true } : { max_session_keys: 0 }),
        'common_tls_context': {
          tls_certificate_sds_secret_configs: [config('default')],
          combined_validation_context: {
            default_validation_context: { match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { prefix: 'spiffe://cluster.local/' } }] },
            validation_context_sds_secret_config: config('ROOTCA'),
          },
        },
      },
    };
  }
}

interface Listeners {
  readonly listener_statuses?: readonly { readonly local_address: { readonly socket_address: { readonly port_value: number } } }[];
}

function http(action: object): object {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      'stat_prefix': 'in',
      'route_config': { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, ...action }] }] },
      'http_filters': [{ name: 'envoy.filters.http.router', typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' } }],
    },
  };
}
