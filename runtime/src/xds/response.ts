import { Writer } from 'protobufjs/light';

import type { EncodedResource, TypeUrl } from '../model/configuration';
import type { Batch } from './subscription';

/** Field tags of the xDS protocol messages: field number × 8 + 2 (length-delimited). */
const RESPONSE = { resources: 18, typeUrl: 34, nonce: 42, removedResources: 50, controlPlane: 58 } as const;
const RESOURCE = { version: 10, resource: 18, name: 26 } as const;
const ANY = { typeUrl: 10, value: 18 } as const;
const CONTROL_PLANE = Writer.create().uint32(10).string('cdk8s-istio').finish();

const encoded = new WeakMap<EncodedResource, Buffer>();

/** What gRPC puts before a message: that it is not compressed, and its length (PROTOCOL-HTTP2.md of gRPC, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;

/**
 * An encoded `envoy.service.discovery.v3.DeltaDiscoveryResponse` behind its prefix. Written by hand, because the bytes of each resource,
 * wrapped for the wire, are made once and shared by all responses to all clients.
 */
export function encodeResponse(typeUrl: TypeUrl, nonce: string, batch: Batch): Buffer {
  const end = Writer.create().uint32(RESPONSE.typeUrl).string(typeUrl).uint32(RESPONSE.nonce).string(nonce);
  for (const name of batch.removed) end.uint32(RESPONSE.removedResources).string(name);
  end.uint32(RESPONSE.controlPlane).bytes(CONTROL_PLANE);
  const frame = Buffer.concat([Buffer.alloc(PREFIX_BYTES), ...batch.resources.map((resource) => encodeEntry(typeUrl, resource)), end.finish()]);
  frame.writeUInt32BE(frame.length - PREFIX_BYTES, 1);
  return frame;
}

/** One `resources` field of a response. A resource has one type, so the resource alone is the key. */
function encodeEntry(typeUrl: TypeUrl, resource: EncodedResource): Buffer {
  let bytes = encoded.get(resource);
  if (!bytes) {
    const any = Writer.create().uint32(ANY.typeUrl).string(typeUrl).uint32(ANY.value).bytes(resource.bytes).finish();
    const entry = Writer.create().uint32(RESOURCE.version).string(resource.version).uint32(RESOURCE.resource).bytes(any)
      .uint32(RESOURCE.name).string(resource.name).finish();
    bytes = Buffer.from(Writer.create().uint32(RESPONSE.resources).bytes(entry).finish());
    encoded.set(resource, bytes);
  }
  return bytes;
}
