import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { answerGrpc } from './echo-grpc';
import { serveLines } from './echo-lines';
import { readWish } from './echo-wish';

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

/**
 * What is spoken at a port. `http`: HTTP/1.1, WebSocket, HTTP/2 with prior knowledge and gRPC, told apart by the first bytes. `tcp`: lines.
 * `server-first`: lines, and the server says one before it has heard anything.
 */
export type EchoProtocol = 'http' | 'tcp' | 'server-first';

/**
 * Answers what it received, and who it is: the workload of every pod that has no program to run here. gRPC calls and WebSockets get their own
 * messages back; TCP gets its lines back behind the pod's name.
 */
export class EchoServer {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly http1: HttpServer;
  private readonly http2: Http2Server;
  private readonly webSockets = new WebSocketServer({ noServer: true });

  public constructor(private readonly identity: EchoIdentity) {
    const answer = (request: Request, response: Response) => void this.answer(request, response).catch(() => request.socket.destroy());
    this.http1 = createHttpServer({ keepAliveTimeout: 0 }, answer);
    this.http2 = createHttp2Server(answer);
    this.serveWebSockets();
  }

  /** Resolves with the port when it listens (0 for a Unix socket). */
  public listen(protocol: EchoProtocol, at: ListenOptions): Promise<number> {
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      if (protocol === 'http') this.detect(socket);
      else serveLines(socket, this.identity.pod, protocol === 'server-first');
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
    if (request.httpVersionMajor === 2 && /^application\/grpc(\+|;|$)/.test(request.headers['content-type'] ?? '')) {
      await answerGrpc(request as Http2ServerRequest, response as Http2ServerResponse, this.identity.pod);
      return;
    }
    const body = await readBody(request);
    const wish = readWish(request.url ?? '/', Number(request.headers['x-envoy-attempt-count'] ?? 1));
    if (wish.delayMs > 0) await sleep(wish.delayMs);
    // Whoever called may be gone after a delay; writing then does nothing.
    response.setHeader('x-served-by', this.identity.pod);
    response.setHeader('content-type', 'application/json');
    response.statusCode = wish.status;
    const text = `${JSON.stringify(this.describe(request, body), undefined, 2)}\n`;
    (response as ServerResponse).end(request.method === 'HEAD' ? undefined : text);
  }

  /** Messages come back as they are; the header of the handshake says from whom. */
  private serveWebSockets(): void {
    this.webSockets.on('headers', (headers) => headers.push(`x-served-by: ${this.identity.pod}`));
    this.http1.on('upgrade', (request, socket, head) => {
      this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => webSocket.terminate());
        webSocket.on('message', (data, binary) => webSocket.send(data, { binary }));
      });
    });
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
