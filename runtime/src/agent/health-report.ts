import { readFile } from 'node:fs/promises';
import { Client, credentials, type ClientDuplexStream } from '@grpc/grpc-js';

import { encode, struct } from '../envoy';
import type { Health } from '../model/machine';
import type { ProxyNode } from './node';

export interface HealthReportOptions {
  /** `host:port` of the control plane's secured port. */
  readonly address: string;
  /** The name that its certificate must have. */
  readonly serverName: string;
  /** PEM by which it is verified. */
  readonly rootFile: string;
  /** The certificate at hand; undefined: none yet. */
  readonly certificate: () => { readonly chain: string; readonly key: string } | undefined;
  readonly node: ProxyNode;
  readonly log: (level: 'info' | 'warn', message: string) => void;
}

const PATH = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const HEALTH_TYPE = 'type.googleapis.com/istio.v1.HealthInformation';
/** google.rpc.Code INTERNAL, as Istio's agent says it. */
const INTERNAL = 13;

/**
 * Tells the control plane how the workload is, on a stream of its own: in Istio the agent passes the proxy's stream on and can write into it.
 * The state is told after each probe, so that a control plane that has started again hears of it.
 */
export class HealthReport {
  private stream: ClientDuplexStream<Buffer, Buffer> | undefined;
  private client: Client | undefined;
  private told: Health | undefined;

  public constructor(private readonly options: HealthReportOptions) {}

  public async tell(health: Health): Promise<void> {
    if (this.told?.healthy !== health.healthy) {
      this.options.log(health.healthy ? 'info' : 'warn', health.healthy ? 'the workload is healthy' : `the workload is not healthy: ${health.message}`);
    }
    this.told = health;
    const stream = this.stream ?? await this.open();
    stream?.write(Buffer.from(encode('DeltaDiscoveryRequest', {
      node: { id: this.options.node.id, cluster: this.options.node.cluster, metadata: struct(this.options.node.metadata) },
      typeUrl: HEALTH_TYPE,
      ...(!health.healthy && { errorDetail: { code: INTERNAL, message: health.message } }),
    })));
  }

  public close(): void {
    this.stream?.cancel();
    this.client?.close();
  }

  private async open(): Promise<ClientDuplexStream<Buffer, Buffer> | undefined> {
    const { address, serverName, rootFile, certificate } = this.options;
    const held = certificate();
    const root = await readFile(rootFile).catch(() => undefined);
    if (!held || !root) return undefined;
    const names = { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName };
    const client = new Client(address, credentials.createSsl(root, Buffer.from(held.key), Buffer.from(held.chain)), names);
    const stream = client.makeBidiStreamRequest(PATH, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes);
    const end = () => {
      if (this.stream === stream) this.stream = undefined;
      client.close();
    };
    stream.on('error', end).on('end', end).on('data', () => undefined);
    [this.stream, this.client] = [stream, client];
    return stream;
  }
}
