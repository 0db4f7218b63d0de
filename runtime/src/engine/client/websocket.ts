import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

import type { WebSocketCall } from '../check/engine-port';
import { converse, type Line } from './conversation';
import { connectTo, secureOptions, sessionOf } from './secure';
import { Body, flatHeaders, type Reply, type Sender, type Target } from './target';

type Head = Omit<Reply, 'body'>;

/** Upgrades anew for every call. Each message that comes is one answer; an upgrade that is refused is answered as the refusal says. */
export class WebSocketSender implements Sender<WebSocketCall> {
  public constructor(private readonly target?: Target) {}

  public async send(call: WebSocketCall): Promise<Reply> {
    let head: Head = { headers: {} };
    const body = await converse(call, (line) => attach(this.open(call), { line, isEmpty: call.send.length === 0 && !call.greeting, onHead: (of) => { head = of; } }));
    return { ...head, body };
  }

  public close(): void {
    // Nothing is kept.
  }

  private open({ url, headers, tls }: WebSocketCall): WebSocket {
    const { target } = this;
    const { hostname, protocol } = new URL(url);
    const secure = protocol === 'wss:';
    return new WebSocket(url, {
      headers,
      ...(secure ? secureOptions(hostname, tls) : {}),
      ...(target ? { createConnection: () => connectTo(target, secure ? { ...tls, host: hostname } : undefined) } : {}),
    });
  }
}

interface Attached {
  readonly line: Line;
  /** Nothing is to be said: the upgrade is all. */
  readonly isEmpty: boolean;
  readonly onHead: (head: Head) => void;
}

function attach(socket: WebSocket, { line, isEmpty, onHead }: Attached) {
  const messages: string[] = [];
  const refusal = new Body();
  socket.on('error', (error) => line.onError(error));
  const told = (response: IncomingMessage) => {
    const tls = sessionOf(response.socket);
    onHead({ status: response.statusCode, headers: flatHeaders(response.headers), ...(tls ? { tls } : {}) });
  };
  socket.on('upgrade', told);
  socket.on('unexpected-response', (_request, response: IncomingMessage) => {
    told(response);
    response.on('data', (chunk: Buffer) => refusal.add(chunk)).on('end', () => line.onEnd());
  });
  socket.on('close', () => line.onEnd());
  socket.on('message', (data) => line.onAnswers(messages.push(data.toString())));
  if (isEmpty) {
    socket.on('open', () => line.onEnd());
  }
  return {
    write: (text: string) => {
      if (socket.readyState === WebSocket.CONNECTING) socket.once('open', () => socket.send(text));
      else socket.send(text);
    },
    text: () => messages.map((message) => `${message}\n`).join('') || refusal.text(),
    close: () => {
      socket.removeAllListeners('error').on('error', () => undefined);
      if (socket.readyState === WebSocket.OPEN) socket.close();
      else socket.terminate();
    },
  };
}
