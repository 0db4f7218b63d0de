import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/** A request, read to its end. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the groups of the route's pattern matched. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly peer: string;
}

export interface Answer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** An object is sent as JSON. */
  readonly body?: string | Buffer | Readable | object;
}

/** `GET /reviews/:id`: a method (or `ANY`) and a path, in which `:name` stands for one segment and a `*` at the end for the rest. */
export type Routes = Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>;

interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: (request: Request) => Answer | Promise<Answer>;
}

/** A web application: its routes behind a Node server that every answer of says which pod gave it. */
export class WebServer {
  private readonly routes: readonly Route[];
  private readonly server: Server;
  private lastRequest = 0;
  private stopping = false;

  constructor(routes: Routes) {
    this.routes = Object.entries(routes).map(([line, handle]) => parseRoute(line, handle));
    this.server = createServer((request, response) => void this.serve(request, response));
    // Envoy keeps idle connections for an hour. Were they closed here first, a request could be on its way meanwhile and would fail.
    this.server.keepAliveTimeout = 0;
    this.server.requestTimeout = 0;
  }

  /** Listens (port 0: any free one) and gives the port. */
  async listen(port: number, host = '0.0.0.0'): Promise<number> {
    await new Promise<void>((resolve, reject) => this.server.once('error', reject).listen(port, host, resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends without failing anyone: goes on serving until no request has come for `quietMs`, then closes. */
  async stop(quietMs = 0): Promise<void> {
    this.stopping = true;
    const deadline = Date.now() + 10 * quietMs;
    this.lastRequest = Math.max(this.lastRequest, Date.now());
    while (Date.now() < Math.min(deadline, this.lastRequest + quietMs)) await new Promise((wake) => setTimeout(wake, 20));
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    // A connection is idle, and can be closed, when its last answer is out.
    const sweep = setInterval(() => this.server.closeIdleConnections(), 20);
    await closed;
    clearInterval(sweep);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.lastRequest = Date.now();
    response.setHeader('x-served-by', process.env.HOSTNAME ?? 'localhost');
    if (this.stopping) response.setHeader('connection', 'close');
    try {
      write(response, await this.answer(incoming), incoming.method);
    } catch (error) {
      console.error(error);
      if (response.headersSent) response.destroy();
      else write(response, { status: 500, body: { error: String(error) } }, incoming.method);
    }
  }

  private async answer(incoming: IncomingMessage): Promise<Answer> {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const asked = incoming.method === 'HEAD' ? 'GET' : incoming.method ?? 'GET';
    const onPath = this.routes.filter((route) => route.pattern.test(url.pathname));
    const route = onPath.find(({ method }) => method === asked || method === 'ANY');
    if (!route) return onPath.length ? { status: 405, body: 'method not allowed\n' } : { status: 404, body: 'not found\n' };
    return route.handle({
      method: asked,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: await text(incoming),
      parameters: { ...route.pattern.exec(url.pathname)?.groups },
      peer: incoming.socket.remoteAddress ?? '',
    });
  }
}

/** Runs an application until SIGTERM or SIGINT, then lets it finish its requests and exits. */
export async function run(server: WebServer, port: number): Promise<void> {
  const exit = async (): Promise<void> => {
    // The mesh needs a moment to hear that this pod is going.
    await server.stop(1000);
    process.exit(0);
  };
  process.once('SIGTERM', () => void exit());
  process.once('SIGINT', () => process.exit(0));
  console.log(`listening on ${await server.listen(port)}`);
}

function parseRoute(line: string, handle: Route['handle']): Route {
  const [method, path] = line.split(' ');
  const pattern = path.replace(/[.]/g, '\\.').replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\*$/, '(?<rest>.*)');
  return { method, pattern: new RegExp(`^${pattern}$`), handle };
}

async function text(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function write(response: ServerResponse, { status = 200, headers = {}, body = '' }: Answer, method?: string): void {
  const json = typeof body === 'object' && !Buffer.isBuffer(body) && !(body instanceof Readable);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (!response.hasHeader('content-type')) response.setHeader('content-type', json ? 'application/json' : 'text/plain; charset=utf-8');
  response.statusCode = status;
  if (body instanceof Readable) {
    body.pipe(response);
    return;
  }
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(json ? `${JSON.stringify(body)}\n` : String(body));
  if (!response.hasHeader('content-length')) response.setHeader('content-length', bytes.length);
  response.end(method === 'HEAD' ? undefined : bytes);
}
