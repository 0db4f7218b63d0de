import { status as StatusCode } from '@grpc/grpc-js';

import type { GrpcCall } from '../check/engine-port';
import { lines } from './grpc';
import { decodeText, encodeText } from './grpc-message';
import { Http1Sender } from './http1';
import type { Reply, Sender, Target } from './target';

/** A frame is a flag, the length of what follows in four bytes, and that; this flag marks the trailers. */
const HEAD_BYTES = 5;
const TRAILERS = 0x80;

/** gRPC-Web, as a browser sends it (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): trailers are the last frame of the body. */
export class GrpcWebSender implements Sender<GrpcCall> {
  private readonly http: Http1Sender;

  public constructor(target?: Target) {
    this.http = new Http1Sender(target);
  }

  public async send(call: GrpcCall): Promise<Reply> {
    const { status, headers, body, tls } = await this.http.request({
      method: 'POST',
      url: call.url,
      headers: { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1', 'accept': 'application/grpc-web+proto', ...call.headers },
      body: frame(encodeText(call.send)),
      timeoutMs: call.timeoutMs,
      ...(call.tls ? { tls: call.tls } : {}),
    });
    const isGrpc = headers['content-type']?.startsWith('application/grpc-web') ?? false;
    const frames = isGrpc ? [...parseFrames(body.bytes())] : [];
    const all = { ...headers, ...Object.fromEntries(frames.filter(({ flag }) => flag & TRAILERS).flatMap(({ data }) => parseTrailers(data))) };
    const code = Number(all['grpc-status'] ?? 'none');
    return {
      status,
      ...(tls ? { tls } : {}),
      ...(Number.isInteger(code) ? { grpc: StatusCode[code] ?? String(code) } : {}),
      headers: all,
      body: isGrpc ? lines(frames.filter(({ flag }) => !(flag & TRAILERS)).map(({ data }) => decodeText(data))) : body.text(),
    };
  }

  public close(): void {
    this.http.close();
  }
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function* parseFrames(bytes: Buffer): Generator<{ readonly flag: number; readonly data: Buffer }> {
  for (let at = 0; at + HEAD_BYTES <= bytes.length;) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at + 1);
    yield { flag: bytes[at], data: bytes.subarray(at + HEAD_BYTES, end) };
    at = end;
  }
}

function parseTrailers(data: Buffer): [name: string, value: string][] {
  return data.toString('latin1').split('\r\n').filter((line) => line.includes(':')).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
}
