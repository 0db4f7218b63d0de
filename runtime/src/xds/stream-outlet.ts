import type { ServerHttp2Stream } from 'node:http2';

import { Metadata, status, type ServerDuplexStream } from '@grpc/grpc-js';

import type { DeltaDiscoveryRequest } from '../envoy';
import type { Outlet } from './connection';
import { PREFIX_BYTES } from './response';

export type Stream = ServerDuplexStream<DeltaDiscoveryRequest, Buffer>;

/** Bytes on their way to one client beyond which nothing more is written: what it has not read yet would soon be stale. */
const HIGH_WATER = 1024 * 1024;

/** The writing side of a stream, bounded by bytes: grpc-js itself counts messages, and ours are of all sizes. */
export class StreamOutlet implements Outlet {
  private pending = 0;
  private started = false;
  private blocked = false;

  constructor(private readonly stream: Stream, private readonly onDrain: () => void) {}

  write(frame: Buffer): boolean {
    this.pending += frame.length;
    this.send(frame, () => this.written(frame.length));
    this.blocked = this.pending > HIGH_WATER;
    return !this.blocked;
  }

  fail(message: string): void {
    fail(this.stream, status.RESOURCE_EXHAUSTED, message);
  }

  private send(frame: Buffer, written: () => void): void {
    const below = http2StreamOf(this.stream);
    if (!below) {
      this.stream.write(frame.subarray(PREFIX_BYTES), written);
      return;
    }
    if (!this.started) this.stream.sendMetadata(new Metadata());
    this.started = true;
    if (below.writable) below.write(frame, written);
  }

  private written(length: number): void {
    this.pending -= length;
    if (!this.blocked || this.pending > HIGH_WATER / 2) return;
    this.blocked = false;
    this.onDrain();
  }
}

/**
 * The HTTP/2 stream under a stream of gRPC. grpc-js copies every message behind its prefix, for every client: of one changed route table of
 * 400 KB for a hundred proxies that copying, and collecting the garbage, is two thirds of all work. Frames of ours need no copy. The stream
 * is not part of its interface: undefined where it does not lie where version 1.14 has it, and then messages go the long way.
 */
export function http2StreamOf(stream: Stream): ServerHttp2Stream | undefined {
  const below = (stream as unknown as { readonly call?: { readonly stream?: ServerHttp2Stream } }).call?.stream;
  return typeof below?.respond === 'function' && typeof below.write === 'function' ? below : undefined;
}

/** Ends a stream with a gRPC status. */
export function fail(stream: Stream, code: status, details: string): void {
  stream.emit('error', { code, details });
}
