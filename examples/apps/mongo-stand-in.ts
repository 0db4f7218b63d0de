// mongo-stand-in: no MongoDB, but it answers what a driver of MongoDB asks to read: hello, ping, find. For meshes that run on one machine, where
// no MongoDB is at hand; on a cluster the image runs.   node mongo-stand-in.js '[{"rating": 5}, {"rating": 2}]'
import { createServer, type Server, type Socket } from 'node:net';
import type { Document, Value } from './mongo/bson';
import { encodeMessage, onMessages, type Message } from './mongo/wire';

const LIMITS = { maxBsonObjectSize: 16 * 2 ** 20, maxMessageSizeBytes: 48 * 10 ** 6, maxWriteBatchSize: 100_000, minWireVersion: 0, maxWireVersion: 21 };

/** One collection, whatever it is called. */
export function mongoStandIn(documents: readonly Document[]): Server {
  let sent = 0;
  return createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    onMessages(socket, ({ id, kind, document }: Message) => {
      socket.write(encodeMessage({ id: ++sent, answers: id, kind: kind === 'query' ? 'reply' : 'message', document: answer(document, documents) }));
    });
  });
}

function answer(command: Document, documents: readonly Document[]): Document {
  const name = Object.keys(command)[0]?.toLowerCase() ?? '';
  switch (name) {
    case 'hello':
    case 'ismaster':
      return { ismaster: true, isWritablePrimary: true, helloOk: true, ...LIMITS, localTime: new Date(), readOnly: false, ok: 1 };
    case 'ping':
    case 'endsessions':
      return { ok: 1 };
    case 'find': {
      const limit = Number(command.limit ?? 0);
      const found = documents.filter((one) => Object.entries((command.filter ?? {}) as Document).every(([field, value]) => isSame(one[field], value)));
      return { cursor: { id: 0n, ns: `${String(command.$db)}.${String(command.find)}`, firstBatch: limit > 0 ? found.slice(0, limit) : found }, ok: 1 };
    }
    default:
      return { ok: 0, errmsg: `no such command: '${name}' (this is a stand-in that can only be read)`, code: 59, codeName: 'CommandNotFound' };
  }
}

function isSame(a: Value | undefined, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

if (require.main === module) {
  const server = mongoStandIn(JSON.parse(process.argv[2] ?? '[]') as Document[]);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  const port = Number(process.env.PORT ?? 27017);
  server.listen(port, '0.0.0.0', () => console.log(`listening on ${port}`));
}
