import { createHash } from 'node:crypto';

import type { EncodedResource } from '../model/configuration';
import { encode, type MessageOf, type NameOrTypeUrl } from './wire';

/**
 * Encodes a resource once, with a version that is a hash of its content: 128 bits of SHA-256, so equal content has an equal version in
 * every process and a proxy that reconnects is sent nothing it has.
 */
export function encodeResource<N extends NameOrTypeUrl>(nameOrTypeUrl: N, name: string, message: MessageOf<N>): EncodedResource {
  return resourceOf(name, encode(nameOrTypeUrl, message));
}

/** A resource of which the encoding is known. */
export function resourceOf(name: string, bytes: Uint8Array): EncodedResource {
  return { name, version: contentVersion(bytes), bytes };
}

/** The version of encoded content. */
export function contentVersion(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}
