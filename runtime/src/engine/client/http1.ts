import { Agent as HttpAgent, request as httpRequest, type ClientRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions as HttpsRequestOptions } from 'node:https';

import type { HttpCall } from '../check/engine-port';
import { secureOptions, sessionOf } from './secure';
import { Body, flatHeaders, timedOut, type Reply, type Sender, type Target } from './target';

/** A request whose body may be no text. */
export type Http1Request = Omit<HttpCall, 'kind' | 'version' | 'body'> & { readonly body?: string | Buffer };

export interface Http1Answer {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly tls?: Reply['tls'];
}

/** HTTP/1.1 over one kept connection. */
export class Http1Sender implements Sender<HttpCall> {
  private readonly http = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  private secure: HttpsAgent | undefined;

  public constructor(private readonly target?: Target) {}

  public async send(call: HttpCall): Promise<Reply> {
    const { body, ...head } = await this.request(call);
    return { ...head, body: body.text() };
  }

  public request(call: Http1Request): Promise<Http1Answer> {
    const url = new URL(call.url);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const options: HttpsRequestOptions = {
      method: call.method,
      host: this.target?.address ?? host,
      port: this.target?.port ?? (url.port || (secure ? 443 : 80)),
      path: url.pathname + url.search,
      headers: { host: url.host, ...call.headers, ...(call.body === undefined ? {} : { 'content-length': Buffer.byteLength(call.body) }) },
      ...(secure ? { agent: this.secureAgent(), ALPNProtocols: ['http/1.1'], ...secureOptions(host, call.tls) } : { agent: this.http }),
    };
    return exchange((secure ? httpsRequest : httpRequest)(options), call);
  }

  public close(): void {
    this.http.destroy();
    this.secure?.destroy();
  }

  private secureAgent(): HttpsAgent {
    return this.secure ??= new HttpsAgent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 });
  }
}

function exchange(request: ClientRequest, call: Http1Request): Promise<Http1Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(timedOut(call.timeoutMs)), call.timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const body = new Body();
      const tls = sessionOf(response.socket);
      response.on('data', (chunk: Buffer) => body.add(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode, headers: flatHeaders(response.headers), body, ...(tls ? { tls } : {}) });
      });
    });
    request.end(call.body);
  });
}
