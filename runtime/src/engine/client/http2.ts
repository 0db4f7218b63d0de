import type { Socket } from 'node:net';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

import type { HttpCall } from '../check/engine-port';
import { secureOptions, sessionOf } from './secure';
import { Body, flatHeaders, timedOut, type Reply, type Sender, type Target } from './target';

/** Headers of a connection, which HTTP/2 forbids. */
const FORBIDDEN = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'host']);

/** HTTP/2 over one kept session: with prior knowledge for `http:`, by ALPN for `https:`. */
export class Http2Sender implements Sender<HttpCall> {
  private session: ClientHttp2Session | undefined;

  public constructor(private readonly target?: Target) {}

  public send(call: HttpCall): Promise<Reply> {
    const url = new URL(call.url);
    const host = Object.entries(call.headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
    const rest = Object.entries(call.headers).filter(([name]) => !FORBIDDEN.has(name.toLowerCase()));
    return new Promise((resolve, reject) => {
      const session = this.open(url, call, reject);
      exchange(session.request({
        [constants.HTTP2_HEADER_METHOD]: call.method,
        [constants.HTTP2_HEADER_SCHEME]: url.protocol.slice(0, -1),
        [constants.HTTP2_HEADER_AUTHORITY]: host ?? url.host,
        [constants.HTTP2_HEADER_PATH]: url.pathname + url.search,
        ...Object.fromEntries(rest),
      }, { endStream: call.body === undefined }), call).then(resolve, reject);
    });
  }

  public close(): void {
    this.session?.destroy();
  }

  private open(url: URL, call: HttpCall, onError: (error: Error) => void): ClientHttp2Session {
    if (this.session && !this.session.closed && !this.session.destroyed) {
      this.session.removeAllListeners('error').on('error', onError);
      return this.session;
    }
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const address = this.target ? `${url.protocol}//${this.target.address}:${this.target.port}` : `${url.protocol}//${url.hostname}:${port}`;
    this.session = connect(address, secureOptions(url.hostname.replace(/^\[|\]$/g, ''), call.tls));
    this.session.on('error', onError);
    return this.session;
  }
}

function exchange(stream: ClientHttp2Stream, call: HttpCall): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let tls: Reply['tls'];
    let head: { status?: number; headers: Record<string, string> } = { headers: {} };
    const body = new Body();
    const timer = setTimeout(() => {
      reject(timedOut(call.timeoutMs));
      stream.close(constants.NGHTTP2_CANCEL);
    }, call.timeoutMs);
    stream.on('response', (headers) => {
      head = { status: headers[':status'], headers: flatHeaders(headers) };
      tls = sessionOf(stream.session?.socket as Socket | undefined);
    });
    stream.on('trailers', (trailers) => { head = { ...head, headers: { ...head.headers, ...flatHeaders(trailers) } }; });
    stream.on('data', (chunk: Buffer) => body.add(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      clearTimeout(timer);
      if (head.status === undefined) {
        reject(Object.assign(new Error('the stream was closed without an answer'), { code: 'ECONNRESET' }));
      }
      resolve({ ...head, body: body.text(), ...(tls ? { tls } : {}) });
    });
    if (call.body !== undefined) {
      stream.end(call.body);
    }
  });
}
