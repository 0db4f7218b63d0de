import type { EncodedResource, TypeUrl } from '../model/configuration';
import { encodeResponse } from './response';
import type { Batch } from './subscription';

/** One response, as it goes to every client that is to have exactly this. */
export interface Response {
  readonly nonce: number;
  /** The message with its prefix. */
  readonly frame: Buffer;
}

interface Shared extends Response {
  readonly typeUrl: TypeUrl;
  readonly batch: Batch;
}

/** Clients of one class are served within moments of each other; what is older is not worth its memory. */
const KEPT_MS = 5_000;
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * The responses of all streams. Their nonces are numbers that only grow, those of all streams together, so that clients that get the
 * same get the same bytes: a thousand proxies of one big route table cost its bytes once. The protocol asks of a nonce no more than that
 * it is new on its stream.
 */
export class Responses {
  private nonce = 0;
  /** By their first resource; the eldest first. */
  private readonly shared = new Map<EncodedResource, Shared>();
  private bytes = 0;
  private forgetting: NodeJS.Timeout | undefined;

  /** @param after the nonce that was the last on the stream */
  of(typeUrl: TypeUrl, batch: Batch, after: number): Response {
    const first = batch.resources[0];
    const known = first && this.shared.get(first);
    if (known && known.nonce > after && known.typeUrl === typeUrl && isSame(known.batch, batch)) return known;
    const nonce = ++this.nonce;
    const response = { typeUrl, batch, nonce, frame: encodeResponse(typeUrl, String(nonce), batch) };
    if (first) this.keep(first, response);
    return response;
  }

  private keep(first: EncodedResource, response: Shared): void {
    this.drop(first);
    this.shared.set(first, response);
    this.bytes += response.frame.length;
    for (const eldest of this.shared.keys()) {
      if (this.bytes <= KEPT_BYTES || eldest === first) break;
      this.drop(eldest);
    }
    this.forgetting ??= setTimeout(() => this.forget(), KEPT_MS).unref();
  }

  private drop(first: EncodedResource): void {
    this.bytes -= this.shared.get(first)?.frame.length ?? 0;
    this.shared.delete(first);
  }

  private forget(): void {
    this.forgetting = undefined;
    this.shared.clear();
    this.bytes = 0;
  }
}

function isSame(a: Batch, b: Batch): boolean {
  return isSameList(a.resources, b.resources) && isSameList(a.removed, b.removed);
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]));
}
