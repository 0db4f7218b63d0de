import { Server, ServerCredentials, status, type ServerOptions, type ServiceDefinition } from '@grpc/grpc-js';
import { Registry } from 'prom-client';

import { decode, type DeltaDiscoveryRequest } from '../envoy';
import type { Configuration, TypeUrl } from '../model/configuration';
import type { Health } from '../model/machine';
import { bind } from './address';
import { Connection, TIMING, type Timing } from './connection';
import { XdsMetrics } from './metrics';
import { HEALTH_TYPE, LIMITS, readNode, refusal, type XdsNode } from './request';
import { Responses } from './responses';
import type { ConnectionStatus } from './status';
import { fail, StreamOutlet, type Stream } from './stream-outlet';

export interface ConnectedProxy {
  /** Of the connection, not of the node: a node that reconnects gets another. */
  readonly id: string;
  readonly node: XdsNode;
  /** What the node says of its identity is true: it came by a door that only those can use, or with a certificate. */
  readonly trusted: boolean;
}

export interface Nack {
  readonly typeUrl: TypeUrl;
  /** The resources that the proxy refuses: found out one by one, also when it refused a response of many. */
  readonly names: readonly string[];
  readonly message: string;
}

/** A way in. */
export interface Door {
  /** Whether who comes by it is given Secrets. */
  readonly secrets: boolean;
  /** Why a node may not come in, judged by the client's verified certificate (DER); undefined: it may. */
  readonly admit?: (node: XdsNode, certificate: Uint8Array | undefined) => string | undefined;
}

export interface XdsServerOptions {
  /** A proxy asks for configuration: answer with `setConfiguration`, now or later. */
  readonly onConnect: (proxy: ConnectedProxy) => void;
  readonly onDisconnect?: (proxy: ConnectedProxy) => void;
  /** A node was not let in. */
  readonly onRefused?: (refused: { readonly node: XdsNode; readonly peer: string; readonly reason: string }) => void;
  /** A proxy is to have Secrets, and is not given them, for it came by a door where everybody could read them. */
  readonly onWithheld?: (proxy: ConnectedProxy) => void;
  /** The agent of a node says how the workload beside it is. */
  readonly onHealth?: (proxy: Omit<ConnectedProxy, 'id'>, health: Health) => void;
  readonly onAck?: (proxy: ConnectedProxy, ack: { readonly typeUrl: TypeUrl }) => void;
  readonly onNack?: (proxy: ConnectedProxy, nack: Nack) => void;
  /** The proxy has acknowledged all of its current configuration that it subscribes to. */
  readonly onSynced?: (proxy: ConnectedProxy) => void;
  readonly registry?: Registry;
  readonly timing?: Partial<Timing>;
  /** @default 10000 */
  readonly maxConnections?: number;
}

const GRPC: ServerOptions = {
  'grpc.max_receive_message_length': LIMITS.requestBytes,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};
const DELTA = {
  path: '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  requestStream: true,
  responseStream: true,
  requestSerialize: () => Buffer.alloc(0),
  requestDeserialize: (bytes: Buffer): DeltaDiscoveryRequest => decode('DeltaDiscoveryRequest', bytes),
  responseSerialize: (bytes: Buffer): Buffer => bytes,
  responseDeserialize: (bytes: Buffer): Buffer => bytes,
};
const LONGEST_REASON = 1024;
const SERVICE: ServiceDefinition = { deltaAggregatedResources: DELTA };

/** A delta ADS server: gives every connected Envoy the Configuration that is set for it. Serves any resources. */
export class XdsServer {
  private readonly servers: Server[] = [];
  private readonly connections = new Map<string, Connection>();
  private readonly metrics: XdsMetrics;
  private readonly responses = new Responses();
  private connected = 0;

  constructor(private readonly options: XdsServerOptions) {
    this.metrics = new XdsMetrics(options.registry ?? new Registry());
  }

  /**
   * Starts to listen, in plain text, on one more address each time it is called. Secrets are for those only who come by a Unix socket.
   *
   * @param address `unix:/path` or `0.0.0.0:15010`
   * @returns the TCP port, 0 for a Unix socket
   */
  async listen(address: string): Promise<number> {
    return bind(this.open({ secrets: address.startsWith('unix:') }), address, ServerCredentials.createInsecure());
  }

  /** A server for one more door, which may be given other services and is to be bound by the caller; it ends with this one. */
  open(door: Door, options: ServerOptions = {}): Server {
    const server = new Server({ ...GRPC, ...options });
    server.addService(SERVICE, { deltaAggregatedResources: (stream: Stream) => this.serve(stream, door) });
    this.servers.push(server);
    return server;
  }

  /** Ends all streams; the proxies keep what they have. */
  close(): Promise<void> {
    for (const connection of this.connections.values()) connection.close();
    for (const server of this.servers) server.forceShutdown();
    return Promise.resolve();
  }

  /** Sets what a connected proxy is to have; an id that is gone is ignored. The maps must not change afterwards. */
  setConfiguration(connectionId: string, configuration: Configuration): void {
    this.connections.get(connectionId)?.setConfiguration(configuration);
  }

  /** Whether a proxy has acknowledged, or rejected, all of its current configuration. */
  isSynced(connectionId: string): boolean {
    return this.connections.get(connectionId)?.isSynced() ?? false;
  }

  /** What a proxy lacks to be synced. */
  lacks(connectionId: string): string | undefined {
    return this.connections.get(connectionId)?.lacks();
  }

  /** How many responses with clusters or listeners a proxy has acknowledged. */
  taken(connectionId: string): number {
    return this.connections.get(connectionId)?.taken ?? 0;
  }

  status(): ConnectionStatus[] {
    return [...this.connections.values()].map((connection) => connection.status());
  }

  private serve(stream: Stream, door: Door): void {
    let connection: Connection | undefined;
    // An agent may have a stream for its reports alone.
    let node: XdsNode | undefined;
    stream.on('data', (request: DeltaDiscoveryRequest) => {
      const refused = refusal(request);
      if (refused) return fail(stream, status.INVALID_ARGUMENT, refused);
      node ??= this.admit(stream, request, door);
      if (!node) return undefined;
      if (request.typeUrl === HEALTH_TYPE) return this.options.onHealth?.({ node, trusted: door.secrets }, healthOf(request));
      connection ??= this.connect(stream, node, door);
      return connection?.receive(request);
    });
    const end = () => {
      if (connection) this.disconnect(connection);
      connection = undefined;
    };
    stream.on('end', () => {
      end();
      stream.end();
    });
    stream.on('cancelled', end);
    stream.on('error', end);
    stream.on('close', end);
  }

  private admit(stream: Stream, request: DeltaDiscoveryRequest, door: Door): XdsNode | undefined {
    const node = readNode(request.node);
    if (typeof node === 'string') return void fail(stream, status.INVALID_ARGUMENT, node);
    const reason = door.admit?.(node, stream.getAuthContext().sslPeerCertificate?.raw);
    if (reason === undefined) return node;
    this.options.onRefused?.({ node, peer: stream.getPeer(), reason });
    return void fail(stream, status.PERMISSION_DENIED, `authorization failed: ${reason}`);
  }

  private connect(stream: Stream, node: XdsNode, door: Door): Connection | undefined {
    const limit = this.options.maxConnections ?? 10_000;
    if (this.connections.size >= limit) return void fail(stream, status.RESOURCE_EXHAUSTED, `${limit} proxies are connected, which is the limit`);
    const proxy: ConnectedProxy = { id: `${node.id}-${++this.connected}`, node, trusted: door.secrets };
    const connection: Connection = new Connection({
      ...proxy,
      outlet: new StreamOutlet(stream, () => connection.drained()),
      events: {
        ack: (typeUrl) => this.options.onAck?.(proxy, { typeUrl }),
        nack: (nack) => this.options.onNack?.(proxy, nack),
        synced: () => this.options.onSynced?.(proxy),
        withheld: () => this.options.onWithheld?.(proxy),
      },
      metrics: this.metrics,
      responses: this.responses,
      secrets: door.secrets,
      timing: { ...TIMING, ...this.options.timing },
    });
    this.connections.set(proxy.id, connection);
    this.metrics.connections.set(this.connections.size);
    this.options.onConnect(proxy);
    return connection;
  }

  private disconnect(connection: Connection): void {
    connection.close();
    if (!this.connections.delete(connection.id)) return;
    this.metrics.connections.set(this.connections.size);
    this.options.onDisconnect?.(connection);
  }
}

function healthOf({ errorDetail }: DeltaDiscoveryRequest): Health {
  return { healthy: !errorDetail, message: (errorDetail?.message ?? '').slice(0, LONGEST_REASON) };
}
