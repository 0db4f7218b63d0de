import type { Socket } from 'node:net';
import { decode, encode, int32, type Document } from './bson';

/** One message of https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export interface Message {
  readonly id: number;
  readonly answers: number;
  /** `query` and `reply` are older than `message`: drivers still greet with them. */
  readonly kind: 'message' | 'query' | 'reply';
  readonly document: Document;
}

const CODES = { reply: 1, query: 2004, message: 2013 } as const;
const HEADER = 16;

export function encodeMessage({ id, answers, kind, document }: Message): Buffer {
  const body = Buffer.concat([FRONT[kind], encode(document)]);
  return Buffer.concat([int32(HEADER + body.length), int32(id), int32(answers), int32(CODES[kind]), body]);
}

/** What stands before the document: of a query flags, collection, 0 to skip and 1 to return; of a reply flags, cursor, place and count. */
const FRONT: Readonly<Record<Message['kind'], Buffer>> = {
  message: Buffer.concat([int32(0), Buffer.of(0)]),
  query: Buffer.concat([int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1)]),
  reply: Buffer.concat([int32(8), Buffer.alloc(8), int32(0), int32(1)]),
};

/** Cuts what comes over a connection into messages. */
export function onMessages(socket: Socket, handle: (message: Message) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    try {
      while (rest.length >= HEADER && rest.length >= rest.readInt32LE(0)) {
        const length = rest.readInt32LE(0);
        const message = parse(rest.subarray(0, length));
        rest = rest.subarray(length);
        handle(message);
      }
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
}

function parse(bytes: Buffer): Message {
  const [id, answers, code] = [4, 8, 12].map((at) => bytes.readInt32LE(at)) as [number, number, number];
  const kind = (Object.keys(CODES) as Message['kind'][]).find((name) => CODES[name] === code);
  if (!kind) throw new Error(`opcode ${code} is not known here`);
  // The name of a query's collection has no fixed length.
  const start = kind === 'query' ? bytes.indexOf(0, HEADER + 4) + 9 : HEADER + (kind === 'reply' ? 20 : 5);
  return { id, answers, kind, document: decode(bytes.subarray(start)) };
}
