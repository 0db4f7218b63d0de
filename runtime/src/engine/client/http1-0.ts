import type { Socket } from 'node:net';

import type { HttpCall } from '../check/engine-port';
import { connectTo, sessionOf } from './secure';
import { Body, timedOut, type Reply, type Sender, type Target } from './target';

/** HTTP/1.0, which Node does not speak: one connection per call, the body ends with the connection. */
export class Http10Sender implements Sender<HttpCall> {
  public constructor(private readonly target?: Target) {}

  public async send(call: HttpCall): Promise<Reply> {
    const url = new URL(call.url);
    const headers = { host: url.host, ...call.headers, ...(call.body === undefined ? {} : { 'content-length': Buffer.byteLength(call.body) }) };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const secure = url.protocol === 'https:';
    const { address, port } = this.target ?? { address: url.hostname, port: Number(url.port || (secure ? 443 : 80)) };
    const socket = connectTo({ address, port }, secure ? { ...call.tls, host: url.hostname } : undefined);
    const text = `${call.method} ${url.pathname}${url.search} HTTP/1.0\r\n${lines}\r\n${call.body ?? ''}`;
    let tls: Reply['tls'];
    socket.on('secureConnect', () => { tls = sessionOf(socket); });
    const answer = parseAnswer(await readToEnd(socket, text, call.timeoutMs));
    return { ...answer, ...(tls ? { tls } : {}) };
  }

  public close(): void {
    // Nothing is kept.
  }
}

function readToEnd(socket: Socket, text: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const body = new Body();
    const timer = setTimeout(() => socket.destroy(timedOut(timeoutMs)), timeoutMs);
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(body.text());
    });
    socket.on('data', (chunk) => body.add(chunk));
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
