import { Client, credentials, type ChannelCredentials, type ChannelOptions, type ClientDuplexStream } from '@grpc/grpc-js';

import { decode, encode, type DeltaDiscoveryRequest, type DeltaDiscoveryResponse } from '../../src/envoy';

export interface Received {
  readonly typeUrl: string;
  readonly nonce: string;
  /** `name@version`. */
  readonly resources: readonly string[];
  readonly removed: readonly string[];
}

/** @default plain text */
export interface DeltaChannel {
  readonly credentials?: ChannelCredentials;
  readonly options?: ChannelOptions;
}

const PATH = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';

/** A delta ADS client that does nothing by itself: tests say what it asks, acknowledges and rejects. */
export class DeltaClient {
  readonly received: Received[] = [];
  /** Set when the stream ended with an error. */
  error: (Error & { code?: number }) | undefined;
  private readonly client: Client;
  private readonly stream: ClientDuplexStream<DeltaDiscoveryRequest | Buffer, DeltaDiscoveryResponse>;
  private wake: () => void = () => undefined;

  constructor(address: string, private readonly nodeId = 'sidecar~10.0.0.1~a.default~default.svc.cluster.local', private readonly autoAck = false, channel: DeltaChannel = {}) {
    this.client = new Client(address, channel.credentials ?? credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, ...channel.options });
    this.stream = this.client.makeBidiStreamRequest(
      PATH,
      (request: DeltaDiscoveryRequest | Buffer) => (Buffer.isBuffer(request) ? request : Buffer.from(encode('DeltaDiscoveryRequest', request))),
      (bytes: Buffer): DeltaDiscoveryResponse => decode('DeltaDiscoveryResponse', bytes),
    );
    this.stream.on('data', (response: DeltaDiscoveryResponse) => this.take(response));
    this.stream.on('error', (error: Error) => {
      this.error = error;
      this.wake();
    });
  }

  /** Asks for a type: without names for all of it. */
  subscribe(typeUrl: string, names: readonly string[] = [], versions: Record<string, string> = {}): void {
    this.send({ typeUrl, resourceNamesSubscribe: names, initialResourceVersions: versions });
  }

  unsubscribe(typeUrl: string, names: readonly string[]): void {
    this.send({ typeUrl, resourceNamesUnsubscribe: names });
  }

  ack(response: Received, more: Partial<DeltaDiscoveryRequest> = {}): void {
    this.send({ typeUrl: response.typeUrl, responseNonce: response.nonce, ...more });
  }

  nack(response: Received, message: string): void {
    this.send({ typeUrl: response.typeUrl, responseNonce: response.nonce, errorDetail: { code: 13, message } });
  }

  send(request: DeltaDiscoveryRequest): void {
    this.stream.write({ node: { id: this.nodeId }, ...request });
  }

  sendBytes(bytes: Buffer): void {
    this.stream.write(bytes);
  }

  /** The next response, in order of arrival. */
  async next(): Promise<Received> {
    await this.waitFor(() => this.received.length > 0);
    return this.received.shift()!;
  }

  /** Waits until something holds; fails after ten seconds, so that a stall does not look like a slow test. */
  async waitFor(condition: () => boolean): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!condition()) {
      if (this.error) throw this.error;
      if (Date.now() > deadline) throw new Error('nothing came for ten seconds');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 50);
      });
    }
  }

  /** What arrives within some time in which nothing, or little, should. */
  async during(ms: number): Promise<Received[]> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.received.splice(0);
  }

  /** Stops reading from the stream. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  close(): void {
    this.stream.cancel();
    this.client.close();
  }

  private take(response: DeltaDiscoveryResponse): void {
    const received: Received = {
      typeUrl: response.typeUrl ?? '',
      nonce: response.nonce ?? '',
      resources: (response.resources ?? []).map((resource) => `${resource.name}@${resource.version}`),
      removed: response.removedResources ?? [],
    };
    this.received.push(received);
    if (this.autoAck) this.ack(received);
    this.wake();
  }
}
