// A hundred proxies as far as a control plane can tell: delta ADS streams that take and acknowledge everything. Run by edits-mesh.ts as a
// process of its own, so that its work is not counted; tells over IPC what came, when, and how big it was.
import { Client, credentials } from '@grpc/grpc-js';
import { decode, encode } from '../../runtime/src/envoy';
import type { DeltaDiscoveryRequest } from '../../runtime/src/envoy';
import { TYPE_URLS } from '../../runtime/src/model/configuration';

export interface ClientsStart {
  readonly address: string;
  readonly nodes: readonly { readonly id: string; readonly metadata: Readonly<Record<string, unknown>> }[];
}

/** One response that came: when, in milliseconds since the epoch, and its size. */
export interface Arrival {
  readonly typeUrl: string;
  readonly at: number;
  readonly bytes: number;
}

const PATH = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';

function connect(address: string, node: object, arrived: (arrival: Arrival) => void): void {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.use_local_subchannel_pool': 1 });
  const stream = client.makeBidiStreamRequest<DeltaDiscoveryRequest, Buffer>(PATH, (request) => Buffer.from(encode('DeltaDiscoveryRequest', request)), (bytes) => bytes);
  const subscribe = (typeUrl: string, names: readonly string[]) => stream.write({ node, typeUrl, resourceNamesSubscribe: names });
  stream.on('error', (error) => {
    throw error;
  });
  stream.on('data', (bytes: Buffer) => {
    const at = performance.timeOrigin + performance.now();
    const { typeUrl = '', nonce, resources = [] } = decode('DeltaDiscoveryResponse', bytes);
    stream.write({ typeUrl, responseNonce: nonce });
    arrived({ typeUrl, at, bytes: bytes.length });
    if (typeUrl === TYPE_URLS.listener) {
      subscribe(TYPE_URLS.route, [...new Set(resources.flatMap(({ resource }) => tablesOf(resource?.value)))]);
    }
    if (typeUrl === TYPE_URLS.cluster) {
      subscribe(TYPE_URLS.endpoint, resources.flatMap(({ name }) => (name?.startsWith('outbound|') ? [name] : [])));
    }
  });
  subscribe(TYPE_URLS.cluster, []);
  subscribe(TYPE_URLS.listener, []);
}

/** Names of route tables stand in a listener as they are: `0.0.0.0_8080` asks for `8080`. */
function tablesOf(listener: Uint8Array | undefined): string[] {
  const { name = '' } = listener ? decode('Listener', listener) : {};
  return name.startsWith('0.0.0.0_') ? [name.slice('0.0.0.0_'.length)] : [];
}

process.on('message', ({ address, nodes }: ClientsStart) => {
  let waiting: Arrival[] = [];
  for (const node of nodes) {
    connect(address, { id: node.id, metadata: { fields: fieldsOf(node.metadata) } }, (arrival) => {
      if (waiting.length === 0) {
        setImmediate(() => {
          process.send?.(waiting);
          waiting = [];
        });
      }
      waiting.push(arrival);
    });
  }
});

/** As much of a protobuf Struct as node metadata needs. */
function fieldsOf(metadata: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) =>
    [name, typeof value === 'string' ? { stringValue: value } : { structValue: { fields: fieldsOf(value as Record<string, unknown>) } }]));
}
