import { Client, credentials, Metadata, status as StatusCode, type ChannelCredentials, type ClientReadableStream, type StatusObject } from '@grpc/grpc-js';

import type { GrpcCall, TlsClient } from '../check/engine-port';
import { decodeText, encodeText } from './grpc-message';
import type { Reply, Sender, Target } from './target';

/**
 * gRPC by its own library, over one kept connection. Whether a method streams its answers makes no difference to the caller: there are as
 * many messages as come. The library's own retries are off, or they would hide the proxy's.
 */
export class GrpcSender implements Sender<GrpcCall> {
  private client: Client | undefined;

  public constructor(private readonly target?: Target) {}

  public send(call: GrpcCall): Promise<Reply> {
    const metadata = new Metadata();
    Object.entries(call.headers).filter(([name]) => name !== 'host').forEach(([name, value]) => metadata.set(name, value));
    const { pathname, host } = new URL(call.url);
    const options = { deadline: Date.now() + call.timeoutMs, host: call.headers.host ?? host };
    return receive(this.open(call).makeServerStreamRequest(pathname, encodeText, decodeText, call.send, metadata, options));
  }

  public close(): void {
    this.client?.close();
  }

  private open({ url, tls }: GrpcCall): Client {
    const { protocol, hostname, port, host } = new URL(url);
    const secure = protocol === 'https:';
    const address = this.target?.address ?? hostname;
    return this.client ??= new Client(
      `${address}:${this.target?.port ?? (port || (secure ? 443 : 80))}`,
      secure ? secureCredentials(tls) : credentials.createInsecure(),
      {
        'grpc.enable_retries': 0,
        'grpc.enable_http_proxy': 0,
        'grpc.use_local_subchannel_pool': 1,
        'grpc.default_authority': host,
        ...(secure ? { 'grpc.ssl_target_name_override': tls?.sni || hostname } : {}),
      },
    );
  }
}

function secureCredentials({ trust, certificate, key }: TlsClient = {}): ChannelCredentials {
  const bytes = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(bytes(trust), bytes(key), bytes(certificate), { rejectUnauthorized: trust !== undefined });
}

function receive(stream: ClientReadableStream<string>): Promise<Reply> {
  return new Promise((resolve) => {
    const messages: string[] = [];
    let headers: Record<string, string> = {};
    const add = (metadata: Metadata) => {
      headers = { ...headers, ...flatMetadata(metadata) };
    };
    stream.on('metadata', add);
    stream.on('data', (message: string) => messages.push(message));
    // It says no more than the status.
    stream.on('error', () => undefined);
    stream.on('status', ({ code, details, metadata }: StatusObject) => {
      add(metadata);
      resolve({ grpc: StatusCode[code] ?? String(code), headers: { ...headers, 'grpc-status': String(code), 'grpc-message': details }, body: lines(messages) });
    });
  });
}

export function lines(messages: readonly string[]): string {
  return messages.map((message) => `${message}\n`).join('');
}

function flatMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(Object.keys(metadata.getMap()).map((name) => [name, metadata.get(name).map(String).join(', ')]));
}
