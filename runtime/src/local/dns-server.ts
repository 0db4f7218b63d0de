import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { AUTHORITATIVE_ANSWER, decode, encode, RECURSION_AVAILABLE, type Packet, type StringAnswer } from 'dns-packet';
import { lookUp, type Zone } from './dns-zone';

/** Short, for pods come and go. Envoy asks again when it has run out. */
const TTL_SECONDS = 5;
/** RFC 1035 4.2.1: what does not fit is marked as truncated, and the client asks again over TCP. */
const UDP_BYTES = 512;
const NAME_ERROR = 3;
const NOT_IMPLEMENTED = 4;
const MOST_TCP_BYTES = 4096;

/** The DNS server of the pods, over UDP and TCP. */
export class DnsServer {
  private constructor(private readonly udp: UdpSocket, private readonly tcp: Server) {}

  /** `zone` is asked for at each question, so it may change, and be another for each client. */
  public static async start(address: string, port: number, zone: (client: string) => Zone): Promise<DnsServer> {
    const udp = createSocket('udp4');
    udp.on('message', (message, peer) => {
      void answer(zone(peer.address), message, UDP_BYTES).then((reply) => reply && udp.send(reply, peer.port, peer.address, () => undefined));
    });
    udp.bind(port, address);
    const tcp = createServer((connection) => serveConnection(connection, zone));
    tcp.listen(port, address);
    await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
    return new DnsServer(udp, tcp);
  }

  public close(): void {
    this.udp.close();
    this.tcp.close();
  }
}

/** RFC 1035 4.2.2: each message has its length before it, in two bytes. */
function serveConnection(connection: Socket, zone: (client: string) => Zone): void {
  let received = Buffer.alloc(0);
  connection.setTimeout(10_000, () => connection.destroy());
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    if (received.length > MOST_TCP_BYTES) connection.destroy();
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const length = received.readUInt16BE(0);
      const message = received.subarray(2, 2 + length);
      received = received.subarray(2 + length);
      void answer(zone(connection.remoteAddress ?? ''), message, 65_535).then((reply) => {
        if (!reply || connection.destroyed) return;
        const prefix = Buffer.alloc(2);
        prefix.writeUInt16BE(reply.length);
        connection.write(Buffer.concat([prefix, reply]));
      });
    }
  });
}

/** The reply to a message; undefined for what is no question. */
async function answer(zone: Zone, message: Buffer, limit: number): Promise<Buffer | undefined> {
  const query = parse(message);
  const question = query?.questions?.[0];
  if (!query || !question || query.type !== 'query') return undefined;
  const answers: StringAnswer[] = [];
  let code = 0;
  if (query.opcode && query.opcode !== 'QUERY') {
    code = NOT_IMPLEMENTED;
  } else {
    const found = await lookUp(zone, question.name);
    if (found.kind === 'none') code = NAME_ERROR;
    // Other types of a name that exists have no records, which is not an error: so for AAAA.
    else if (question.type === 'A') answers.push(...found.addresses.map((data) => ({ type: 'A' as const, name: question.name, ttl: TTL_SECONDS, data })));
  }
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((query.flags ?? 0) & 0x0100) | code;
  const reply: Packet = { type: 'response', id: query.id, flags, questions: [question], answers };
  const encoded = encode(reply);
  if (encoded.length <= limit) return encoded;
  const truncated = 0x0200;
  return encode({ ...reply, flags: flags | truncated, answers: [] });
}

function parse(message: Buffer): (Packet & { opcode?: string }) | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}
