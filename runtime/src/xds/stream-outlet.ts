import { status, type ServerDuplexStream } from '@grpc/grpc-js';

import type { DeltaDiscoveryRequest } from '../envoy';
import type { Outlet } from './connection';

export type Stream = ServerDuplexStream<DeltaDiscoveryRequest, Buffer>;

/** Bytes on their way to one client beyond which nothing more is written: what it has not read yet would soon be stale. */
const HIGH_WATER = 1024 * 1024;

/** The writing side of a stream, bounded by bytes: grpc-js itself counts messages, and ours are of all sizes. */
export class StreamOutlet implements Outlet {
  private pending = 0;
  private blocked = false;

  constructor(private readonly stream: Stream, private readonly onDrain: () => void) {}

  write(bytes: Buffer): boolean {
    this.pending += bytes.length;
    this.stream.write(bytes, () => this.written(bytes.length));
    this.blocked = this.pending > HIGH_WATER;
    return !this.blocked;
  }

  fail(message: string): void {
    fail(this.stream, status.RESOURCE_EXHAUSTED, message);
  }

  private written(length: number): void {
    this.pending -= length;
    if (!this.blocked || this.pending > HIGH_WATER / 2) return;
    this.blocked = false;
    this.onDrain();
  }
}

/** Ends a stream with a gRPC status. */
export function fail(stream: Stream, code: status, details: string): void {
  stream.emit('error', { code, details });
}
