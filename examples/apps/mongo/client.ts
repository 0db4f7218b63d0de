import { connect } from 'node:net';
import type { Document } from './bson';
import { encodeMessage, onMessages, type Message } from './wire';

export interface Collection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly collection: string;
}

/** All documents of a collection, over a connection of its own: greets as drivers do, with a query, and asks with a message. */
export function findAll({ host, port, database, collection }: Collection, timeoutMs = 5_000): Promise<readonly Document[]> {
  const questions: Pick<Message, 'kind' | 'document'>[] = [
    { kind: 'query', document: { isMaster: 1, helloOk: true } },
    { kind: 'message', document: { find: collection, filter: {}, $db: database } },
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let asked = 0;
    const ask = () => {
      const question = questions[asked++];
      if (question) socket.write(encodeMessage({ id: asked, answers: 0, ...question }));
    };
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`${host}:${port} does not answer`)));
    socket.once('connect', ask).once('error', reject).once('close', () => reject(new Error(`${host}:${port} hung up`)));
    onMessages(socket, ({ document }) => {
      const cursor = document.cursor as { firstBatch?: readonly Document[] } | undefined;
      if (asked < questions.length) ask();
      else if (document.ok !== 1) socket.destroy(new Error(String(document.errmsg)));
      else {
        resolve(cursor?.firstBatch ?? []);
        socket.destroy();
      }
    });
  });
}
