import type { Socket } from 'node:net';

import type { TcpCall } from '../check/engine-port';
import { converse, type Line } from './conversation';
import { connectTo, sessionOf } from './secure';
import { Body, type Reply, type Sender, type Target } from './target';

/** Connects anew for every call. What the other side says up to the end of a line, or before it closes, is one answer. */
export class TcpSender implements Sender<TcpCall> {
  public constructor(private readonly target?: Target) {}

  public async send(call: TcpCall): Promise<Reply> {
    const socket = connectTo(this.target ?? { address: call.host, port: call.port }, call.tls && { ...call.tls, host: call.host });
    let tls: Reply['tls'];
    socket.on('secureConnect', () => { tls = sessionOf(socket); });
    const body = await converse(call, (line) => attach(socket, line));
    return { headers: {}, body, ...(tls ? { tls } : {}) };
  }

  public close(): void {
    // Nothing is kept.
  }
}

function attach(socket: Socket, line: Line) {
  const body = new Body();
  let answers = 0;
  socket.on('error', (error) => line.onError(error));
  socket.on('end', () => line.onEnd());
  socket.on('data', (chunk) => {
    body.add(chunk);
    const lines = chunk.toString('latin1').split('\n').length - 1;
    answers += lines;
    line.onAnswers(answers);
  });
  return { write: (text: string) => void socket.write(text), text: () => body.text(), close: () => void socket.destroy() };
}
