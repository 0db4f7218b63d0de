import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { decode, encode, type Answer, type RecordType } from 'dns-packet';
import { DnsServer } from '../../src/local/dns-server';
import type { Zone } from '../../src/local/dns-zone';

const asked: string[] = [];
const zone: Zone = {
  names: new Map([
    ['reviews.bookinfo.svc.cluster.local', ['10.96.0.1']],
    ['headless.bookinfo.svc.cluster.local', ['10.244.1.1', '10.244.1.2', '10.244.1.3']],
    ['*.wild.example', ['10.1.1.1']],
    ['big.bookinfo.svc.cluster.local', Array.from({ length: 60 }, (_, index) => `10.244.2.${index}`)],
  ]),
  outside: (name) => {
    asked.push(name);
    return Promise.resolve(name === 'outside.example' ? ['192.0.2.7'] : undefined);
  },
};

describe('the DNS server', () => {
  let server: DnsServer;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    server = await DnsServer.start('127.0.0.1', port, () => zone);
  });

  afterAll(() => server.close());

  async function query(name: string, type: RecordType = 'A'): Promise<{ code: string; truncated: boolean; answers: string[] }> {
    const socket = createSocket('udp4');
    socket.send(encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ type, name }] }), port, '127.0.0.1');
    const [message] = await once(socket, 'message') as [Buffer];
    socket.close();
    return read(message);
  }

  function read(message: Buffer): { code: string; truncated: boolean; answers: string[] } {
    const reply = decode(message) as ReturnType<typeof decode> & { rcode: string; flag_tc: boolean; flag_rd: boolean };
    expect([reply.id, reply.type, reply.flag_rd]).toEqual([7, 'response', true]);
    return { code: reply.rcode, truncated: reply.flag_tc, answers: (reply.answers ?? []).map((answer: Answer) => String((answer as { data: unknown }).data)) };
  }

  test('answers names of the mesh, in any case', async () => {
    expect(await query('Reviews.Bookinfo.svc.cluster.local')).toEqual({ code: 'NOERROR', truncated: false, answers: ['10.96.0.1'] });
    expect((await query('headless.bookinfo.svc.cluster.local')).answers.sort()).toEqual(['10.244.1.1', '10.244.1.2', '10.244.1.3']);
    expect((await query('any.thing.wild.example')).answers).toEqual(['10.1.1.1']);
  });

  test('several addresses come in turn', async () => {
    const first = new Set<string | undefined>();
    for (let tries = 0; tries < 60; tries++) first.add((await query('headless.bookinfo.svc.cluster.local')).answers[0]);
    expect(first.size).toBe(3);
  });

  test('a name that exists has no AAAA record, which is no error; one that does not exist is none for any type', async () => {
    expect(await query('reviews.bookinfo.svc.cluster.local', 'AAAA')).toEqual({ code: 'NOERROR', truncated: false, answers: [] });
    expect(await query('outside.example', 'AAAA')).toEqual({ code: 'NOERROR', truncated: false, answers: [] });
    expect((await query('missing.bookinfo.svc.cluster.local', 'AAAA')).code).toBe('NXDOMAIN');
  });

  test('asks outside for foreign names only', async () => {
    asked.length = 0;
    expect((await query('outside.example')).answers).toEqual(['192.0.2.7']);
    expect((await query('nowhere.example')).code).toBe('NXDOMAIN');
    expect((await query('missing.svc.cluster.local')).code).toBe('NXDOMAIN');
    expect((await query('reviews')).code).toBe('NXDOMAIN');
    expect((await query('1.1.244.10.in-addr.arpa', 'PTR')).code).toBe('NXDOMAIN');
    expect(asked).toEqual(['outside.example', 'nowhere.example']);
  });

  test('what does not fit into a datagram is to be asked again over TCP', async () => {
    expect(await query('big.bookinfo.svc.cluster.local')).toEqual({ code: 'NOERROR', truncated: true, answers: [] });
    const message = encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ type: 'A', name: 'big.bookinfo.svc.cluster.local' }] });
    const connection = connect(port, '127.0.0.1');
    // In pieces, as a network may deliver it.
    connection.write(Buffer.from([0]));
    setTimeout(() => connection.write(Buffer.concat([Buffer.from([message.length]), message])), 20);
    let received = Buffer.alloc(0);
    while (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) received = Buffer.concat([received, ...await once(connection, 'data') as [Buffer]]);
    connection.destroy();
    expect(read(received.subarray(2)).answers).toHaveLength(60);
  });

  test('rubbish gets no answer and does no harm', async () => {
    const socket = createSocket('udp4');
    for (const rubbish of ['', 'x', '\0'.repeat(12), '\xff'.repeat(600)]) socket.send(Buffer.from(rubbish, 'latin1'), port, '127.0.0.1');
    socket.send(encode({ type: 'response', id: 9, questions: [{ type: 'A', name: 'outside.example' }] }), port, '127.0.0.1');
    expect((await query('reviews.bookinfo.svc.cluster.local')).answers).toEqual(['10.96.0.1']);
    socket.close();
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
