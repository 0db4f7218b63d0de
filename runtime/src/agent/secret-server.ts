import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js';

import { decode, encode, type DeltaDiscoveryRequest, type DeltaDiscoveryResponse, type DiscoveryRequest, type DiscoveryResponse, type MessageName, type MessageOf } from '../envoy';
import { DeltaStream, WholeStream, type SecretSource, type SecretStream, type StreamEvents } from './secret-stream';

const SERVICE = '/envoy.service.secret.v3.SecretDiscoveryService/';

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret */
const DEFINITION: ServiceDefinition = {
  streamSecrets: method('StreamSecrets', 'DiscoveryRequest', 'DiscoveryResponse'),
  deltaSecrets: method('DeltaSecrets', 'DeltaDiscoveryRequest', 'DeltaDiscoveryResponse'),
};

/** Secret discovery on a Unix socket, which nobody but this user may open: keys go through it. */
export class SecretServer {
  private readonly grpc = new Server();
  private readonly streams = new Set<Pick<SecretStream<never>, 'push'>>();

  public constructor(private readonly source: SecretSource, private readonly events: StreamEvents) {
    this.grpc.addService(DEFINITION, {
      streamSecrets: (stream: ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>) => this.serve(stream, WholeStream),
      deltaSecrets: (stream: ServerDuplexStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>) => this.serve(stream, DeltaStream),
    });
  }

  public async listen(socket: string): Promise<void> {
    mkdirSync(dirname(socket), { recursive: true, mode: 0o700 });
    rmSync(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.grpc.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
    });
    chmodSync(socket, 0o600);
  }

  /** Tells every Envoy what has changed for it. */
  public push(): void {
    this.streams.forEach((stream) => stream.push());
  }

  public close(): void {
    this.grpc.forceShutdown();
  }

  private serve<Request, Response>(
    call: ServerDuplexStream<Request, Response>,
    Kind: new (source: SecretSource, send: (response: Response) => void, events: StreamEvents) => SecretStream<Request>,
  ): void {
    const stream = new Kind(this.source, (response) => void call.write(response), this.events);
    this.streams.add(stream);
    const end = () => void this.streams.delete(stream);
    call.on('data', (request: Request) => stream.receive(request));
    call.on('end', () => {
      end();
      call.end();
    });
    for (const event of ['cancelled', 'error', 'close']) call.on(event, end);
  }
}

function method<Q extends MessageName, R extends MessageName>(name: string, request: Q, response: R): ServiceDefinition[string] {
  return {
    path: SERVICE + name,
    requestStream: true,
    responseStream: true,
    requestSerialize: (message: MessageOf<Q>) => Buffer.from(encode(request, message)),
    requestDeserialize: (bytes: Buffer) => decode(request, bytes),
    responseSerialize: (message: MessageOf<R>) => Buffer.from(encode(response, message)),
    responseDeserialize: (bytes: Buffer) => decode(response, bytes),
  };
}
