import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Server, ServerCredentials } from '@grpc/grpc-js';
import fc from 'fast-check';

import { decode } from '../../src/envoy';
import { TYPE_URLS } from '../../src/model/configuration';
import { PREFIX_BYTES } from '../../src/xds/response';
import { Responses } from '../../src/xds/responses';
import { http2StreamOf, type Stream } from '../../src/xds/stream-outlet';
import { DeltaClient } from './delta-client';
import { cluster } from './fixtures';

const CDS = TYPE_URLS.cluster;
const some = ['a', 'b', 'c'].map((name) => cluster(name));
/** Lists are made anew by every subscription; what stands in them is the same. */
const batches = fc.record({ resources: fc.subarray(some), removed: fc.subarray(['x', 'y']) });

test('whatever is sent on however many streams: it says what it is to say, with a nonce that is new on its stream', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(2), batches), { maxLength: 40 }), (sends) => {
    const responses = new Responses();
    const last = [0, 0, 0];
    for (const [stream, batch] of sends) {
      const { nonce, frame } = responses.of(CDS, { resources: [...batch.resources], removed: [...batch.removed] }, last[stream]!);
      expect(nonce).toBeGreaterThan(last[stream]!);
      last[stream] = nonce;
      const message = decode('DeltaDiscoveryResponse', frame.subarray(PREFIX_BYTES));
      expect([frame[0], frame.readUInt32BE(1)]).toEqual([0, frame.length - PREFIX_BYTES]);
      expect([message.typeUrl, message.nonce, message.removedResources ?? []]).toEqual([CDS, String(nonce), batch.removed]);
      expect((message.resources ?? []).map(({ name, version }) => [name, version])).toEqual(batch.resources.map(({ name, version }) => [name, version]));
    }
  }));
});

test('streams that get the same one after the other get the same bytes; none gets them twice', () => {
  const responses = new Responses();
  const batch = { resources: some, removed: [] };
  const first = responses.of(CDS, batch, 0);
  const second = responses.of(CDS, { resources: [...some], removed: [] }, 0);
  expect(second.frame).toBe(first.frame);
  expect(responses.of(CDS, batch, second.nonce).nonce).toBeGreaterThan(second.nonce);
});

test('the HTTP/2 stream lies where it is looked for: frames go out uncopied', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'xds-'));
  const server = new Server();
  const opened = new Promise<Stream>((resolve) => {
    const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
    const as = (bytes: Buffer) => bytes;
    const codec = { requestSerialize: as, requestDeserialize: as, responseSerialize: as, responseDeserialize: as };
    server.addService({ delta: { path, requestStream: true, responseStream: true, ...codec } }, { delta: (stream: Stream) => resolve(stream) });
  });
  const address = `unix:${join(folder, 'xds.sock')}`;
  await new Promise((resolve) => server.bindAsync(address, ServerCredentials.createInsecure(), resolve));
  const client = new DeltaClient(address);
  try {
    client.subscribe(CDS);
    expect(http2StreamOf(await opened)?.writable).toBe(true);
  } finally {
    client.close();
    server.forceShutdown();
    rmSync(folder, { recursive: true });
  }
});
