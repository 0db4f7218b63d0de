import { Reader } from 'protobufjs/light';

import type { EncodedResource } from '../model/configuration';

const EDS = 3;
/** Field numbers of `envoy.config.cluster.v3.Cluster` and `Cluster.EdsClusterConfig`. */
const CLUSTER = { type: 2, edsClusterConfig: 3 } as const;
const EDS_CONFIG = { serviceName: 2 } as const;

const endpointNames = new WeakMap<EncodedResource, { readonly name: string | undefined }>();

/**
 * The name of the ClusterLoadAssignment that an encoded cluster takes its endpoints from; undefined unless it is of type EDS. Read
 * from the few bytes that say so: decoding whole clusters would cost more than sending them.
 */
export function endpointName(cluster: EncodedResource): string | undefined {
  let found = endpointNames.get(cluster);
  if (!found) {
    found = { name: readEndpointName(cluster) };
    endpointNames.set(cluster, found);
  }
  return found.name;
}

function readEndpointName(cluster: EncodedResource): string | undefined {
  const reader = Reader.create(cluster.bytes);
  let type = 0;
  let serviceName = '';
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === CLUSTER.type) type = reader.int32();
    else if (tag >>> 3 === CLUSTER.edsClusterConfig) serviceName = readServiceName(reader);
    else reader.skipType(tag & 7);
  }
  return type === EDS ? serviceName || cluster.name : undefined;
}

function readServiceName(reader: Reader): string {
  const end = reader.uint32() + reader.pos;
  let name = '';
  while (reader.pos < end) {
    const tag = reader.uint32();
    if (tag >>> 3 === EDS_CONFIG.serviceName) name = reader.string();
    else reader.skipType(tag & 7);
  }
  return name;
}
