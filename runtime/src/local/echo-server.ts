import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Who answers. */
export interface EchoIdentity {
  readonly service: string;
  readonly version?: string;
  readonly pod: string;
  readonly namespace?: string;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** RFC 9113 3.4: a client that knows that the server speaks HTTP/2 begins with these bytes. */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
/** Of a body, as much is given back. */
const BODY_BYTES = 64 << 10;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * Answers what it received, and who it is: the workload of every pod that has no program to run here. HTTP/1.1 and HTTP/2 at the same port;
 * gRPC calls get their own message back; TCP gets its lines back behind the pod's name.
 */
export class EchoServer {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly http1: HttpServer;
  private readonly http2: Http2Server;

  public constructor(private readonly identity: EchoIdentity) {
    const answer = (request: Request, response: Response) => void this.answer(request, response).catch(() => request.socket.destroy());
    this.http1 = createHttpServer({ keepAliveTimeout: 0 }, answer);
    this.http2 = createHttp2Server(answer);
  }

  /** Resolves with the port when it listens (0 for a Unix socket). */
  public listen(protocol: 'http' | 'tcp', at: ListenOptions): Promise<number> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      if (protocol === 'http') this.detect(socket);
      else this.echoLines(socket);
    });
    this.servers.push(server);
    return new Promise((resolve, reject) => {
      server.on('error', reject);
      server.listen(at, () => resolve((server.address() as AddressInfo).port ?? 0));
    });
  }

  public close(): void {
    for (const server of this.servers) server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Hands a connection to the server of its protocol, which its first bytes tell. */
  private detect(socket: Socket): void {
    let received = Buffer.alloc(0);
    const read = () => {
      const chunk = socket.read() as Buffer | null;
      if (!chunk) return;
      received = Buffer.concat([received, chunk]);
      const start = received.subarray(0, PREFACE.length).toString('latin1');
      if (received.length < PREFACE.length && PREFACE.startsWith(start)) return;
      socket.removeListener('readable', read);
      socket.unshift(received);
      (start === PREFACE ? this.http2 : this.http1).emit('connection', socket);
    };
    socket.on('readable', read);
  }

  private async answer(request: Request, response: Response): Promise<void> {
    const body = await readBody(request);
    if (request.headers['content-type']?.startsWith('application/grpc')) {
      answerGrpc(response as Http2ServerResponse, body, this.identity.pod);
      return;
    }
    const wish = readWish(request.url ?? '/');
    if (wish.delayMs > 0) await sleep(wish.delayMs);
    // Whoever called may be gone after a delay; writing then does nothing.
    response.setHeader('x-served-by', this.identity.pod);
    response.setHeader('content-type', 'application/json');
    response.statusCode = wish.status;
    const text = `${JSON.stringify(this.describe(request, body), undefined, 2)}\n`;
    (response as ServerResponse).end(request.method === 'HEAD' ? undefined : text);
  }

  private describe(request: Request, body: Buffer): object {
    return {
      ...this.identity,
      method: request.method,
      path: request.url,
      protocol: `HTTP/${request.httpVersion}`,
      headers: plainHeaders(request),
      peer: request.socket.remoteAddress ?? 'unix',
      ...(body.length > 0 ? { body: body.toString() } : {}),
    };
  }

  private echoLines(socket: Socket): void {
    const prefix = `${this.identity.pod} `;
    let atLineStart = true;
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      const marked = (atLineStart ? prefix : '') + text.replace(/\n(?=.)/gs, `\n${prefix}`);
      atLineStart = text.endsWith('\n');
      socket.write(Buffer.from(marked, 'latin1'));
    });
  }
}

async function readBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (size < BODY_BYTES) chunks.push(chunk.subarray(0, BODY_BYTES - size));
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** HTTP/2's pseudo headers are no headers to the reader: the authority is shown as `host`. */
function plainHeaders(request: Request): Record<string, string | string[] | undefined> {
  const plain = Object.entries(request.headers).filter(([name]) => !name.startsWith(':'));
  const authority = request.headers[':authority'];
  return Object.fromEntries([...(authority === undefined ? [] : [['host', authority] as const]), ...plain]);
}

/** gRPC over HTTP/2, one call: the message comes back as it was. */
function answerGrpc(response: Http2ServerResponse, message: Buffer, pod: string): void {
  response.setHeader('content-type', 'application/grpc');
  response.setHeader('x-served-by', pod);
  response.addTrailers({ 'grpc-status': '0' });
  response.end(message);
}

interface Wish { readonly status: number; readonly delayMs: number }

/** `/status/503`, `/delay/2` (seconds) and the parameters `status=503`, `delay=1.5s` or `250ms`: for trying out what a mesh does. */
function readWish(target: string): Wish {
  const url = new URL(target, 'http://echo');
  const [, word, value = ''] = url.pathname.split('/');
  const status = Number(url.searchParams.get('status') ?? (word === 'status' ? value : ''));
  const delay = parseDelay(url.searchParams.get('delay') ?? (word === 'delay' ? value : ''));
  return { status: status >= 200 && status <= 599 ? Math.floor(status) : 200, delayMs: Math.min(delay, LONGEST_DELAY_MS) };
}

function parseDelay(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  return match ? Number(match[1]) * (match[2] === 'ms' ? 1 : 1000) : 0;
}
