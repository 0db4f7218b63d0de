import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';

import type { HttpCall, TcpCall, TlsClient } from '../check/engine-port';
import { timedOut } from './http1';
import { secureOptions, sessionOf } from './secure';
import { Body, type Reply, type Sender, type Target } from './target';

/** Connects anew for every call, sends the text, and reads until the other side has answered with a whole line or has closed. */
export class TcpSender implements Sender<TcpCall> {
  public constructor(private readonly target?: Target) {}

  public async send(call: TcpCall): Promise<Reply> {
    const { address, port } = this.target ?? { address: call.host, port: call.port };
    const socket = open(address, port, call.tls && { ...call.tls, host: call.host });
    const { body, tls } = await talk(socket, { text: call.send, timeoutMs: call.timeoutMs, isComplete: (text) => text.includes('\n') });
    return { headers: {}, body, ...(tls ? { tls } : {}) };
  }

  public close(): void {
    // Nothing is kept.
  }
}

/** HTTP/1.0, which Node does not speak: one connection per call, the body ends with the connection. */
export class Http10Sender implements Sender<HttpCall> {
  public constructor(private readonly target?: Target) {}

  public async send(call: HttpCall): Promise<Reply> {
    const url = new URL(call.url);
    const headers = { host: url.host, ...call.headers, ...(call.body === undefined ? {} : { 'content-length': Buffer.byteLength(call.body) }) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const secure = url.protocol === 'https:';
    const { address, port } = this.target ?? { address: url.hostname, port: Number(url.port || (secure ? 443 : 80)) };
    const socket = open(address, port, secure ? { ...call.tls, host: url.hostname } : undefined);
    const text = `${call.method} ${url.pathname}${url.search} HTTP/1.0\r\n${lines}\r\n${call.body ?? ''}`;
    const { body, tls } = await talk(socket, { text, timeoutMs: call.timeoutMs, isComplete: () => false });
    return { ...parseAnswer(body), ...(tls ? { tls } : {}) };
  }

  public close(): void {
    // Nothing is kept.
  }
}

function open(address: string, port: number, tls: (TlsClient & { readonly host: string }) | undefined): Socket {
  return tls ? connectSecurely({ host: address, port, ...secureOptions(tls.host, tls) }) : connect(port, address);
}

interface Talk {
  readonly text: string;
  readonly timeoutMs: number;
  readonly isComplete: (answer: string) => boolean;
}

function talk(socket: Socket, { text, timeoutMs, isComplete }: Talk): Promise<{ readonly body: string; readonly tls?: Reply['tls'] }> {
  return new Promise((resolve, reject) => {
    const body = new Body();
    const finish = (error?: Error) => {
      clearTimeout(timer);
      const tls = error ? undefined : sessionOf(socket);
      socket.destroy();
      if (error) {
        reject(error);
      } else {
        resolve({ body: body.text(), ...(tls ? { tls } : {}) });
      }
    };
    const timer = setTimeout(() => finish(timedOut(timeoutMs)), timeoutMs);
    socket.on('error', finish);
    socket.on('end', () => finish());
    socket.on('data', (chunk) => {
      body.add(chunk);
      if (isComplete(body.text())) {
        finish();
      }
    });
    socket.write(text);
  });
}

function parseAnswer(text: string): Reply {
  const end = text.indexOf('\r\n\r\n');
  const [status, ...lines] = text.slice(0, Math.max(end, 0)).split('\r\n');
  const code = /^HTTP\/1\.[01] (\d{3})/.exec(status)?.[1];
  if (!code) {
    throw Object.assign(new Error('the answer is not HTTP'), { code: text === '' ? 'ECONNRESET' : 'EPROTO' });
  }
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: Number(code), headers, body: text.slice(end + 4) };
}
