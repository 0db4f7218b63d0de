// httpbin: answers about the request itself, and on demand slowly, with any status, or with many bytes.
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { WebServer, run, type Answer, type Request } from './web/server';

const TEAPOT = `
    -=[ teapot ]=-

       _...._
     .'  _ _ \`.
    | ."\` ^ \`". _,
    \\_;\`"---"\`|//
      |       ;/
      \\_     _/
        \`"""\`
`;
const MAX_DELAY_S = 10;
const MAX_BYTES = 100 * 1024;

export function httpbin(): WebServer {
  return new WebServer({
    'GET /': () => ({ body: 'httpbin: /status/418, /delay/2, /headers, /ip, /get, /anything …\n' }),
    'GET /health': () => ({ body: 'ok\n' }),
    'GET /ip': (request) => ({ body: { origin: origin(request) } }),
    'GET /headers': ({ headers }) => ({ body: { headers: titled(headers) } }),
    'GET /user-agent': ({ headers }) => ({ body: { 'user-agent': headers['user-agent'] ?? null } }),
    'GET /uuid': () => ({ body: { uuid: randomUUID() } }),
    'GET /cookies': ({ headers }) => ({ body: { cookies: cookies(headers.cookie) } }),
    'GET /get': echo,
    'POST /post': echo,
    'PUT /put': echo,
    'PATCH /patch': echo,
    'DELETE /delete': echo,
    'ANY /anything*': echo,
    'ANY /status/:codes': ({ parameters: { codes } }) => status(codes),
    'ANY /delay/:seconds': async (request) => {
      const seconds = Number(request.parameters.seconds);
      if (!(seconds >= 0)) return { status: 400, body: 'expected a number of seconds\n' };
      await new Promise((wake) => setTimeout(wake, Math.min(seconds, MAX_DELAY_S) * 1000));
      return echo(request);
    },
    'ANY /response-headers': ({ query }) => responseHeaders(query),
    'GET /redirect-to': ({ query }) => ({ status: Number(query.get('status_code') ?? 302), headers: { location: query.get('url') ?? '/' } }),
    'GET /bytes/:n': ({ parameters: { n } }) => ({
      headers: { 'content-type': 'application/octet-stream' }, body: randomBytes(Math.min(Number(n) || 0, MAX_BYTES)),
    }),
    'GET /stream/:n': (request) => ({ headers: { 'content-type': 'application/json' }, body: Readable.from(lines(request)) }),
    'GET /stream-bytes/:n': ({ parameters: { n } }) => ({
      headers: { 'content-type': 'application/octet-stream' }, body: Readable.from([randomBytes(Math.min(Number(n) || 0, MAX_BYTES))]),
    }),
  });
}

function echo(request: Request): Answer {
  return {
    body: {
      method: request.method,
      url: `http://${request.headers.host}${request.path}${request.query.size ? `?${request.query}` : ''}`,
      args: Object.fromEntries(request.query),
      headers: titled(request.headers),
      origin: origin(request),
      data: request.body,
    },
  };
}

/** `/status/503`, or one of several at random, with weights: `/status/200:0.9,500:0.1`. */
function status(codes: string): Answer {
  const choices = codes.split(',').map((choice) => choice.split(':').map(Number));
  if (!choices.every(([code, weight = 1]) => code >= 200 && code <= 599 && weight > 0)) return { status: 400, body: 'invalid status code\n' };
  let left = Math.random() * choices.reduce((sum, [, weight = 1]) => sum + weight, 0);
  const [code] = choices.find(([, weight = 1]) => (left -= weight) < 0) ?? choices[0];
  if (code === 418) return { status: code, headers: { 'x-more-info': 'http://tools.ietf.org/html/rfc2324' }, body: TEAPOT };
  return code >= 300 && code < 400 && code !== 304 ? { status: code, headers: { location: '/redirect/1' } } : { status: code };
}

function responseHeaders(query: URLSearchParams): Answer {
  const headers: Record<string, string[]> = {};
  for (const [name, value] of query) (headers[name.toLowerCase()] ??= []).push(value);
  return { headers, body: headers };
}

function* lines(request: Request): Generator<string> {
  const n = Math.min(Number(request.parameters.n) || 0, 100);
  for (let id = 0; id < n; id++) yield `${JSON.stringify({ id, url: request.path, headers: titled(request.headers) })}\n`;
}

function origin(request: Request): string {
  const forwarded = request.headers['x-forwarded-for'];
  return typeof forwarded === 'string' ? forwarded : request.peer.replace(/^::ffff:/, '');
}

/** `x-request-id` → `X-Request-Id`, as httpbin has always shown them. */
function titled(headers: Request['headers']): Record<string, string> {
  const title = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [title(name), String(value)]));
}

function cookies(header = ''): Record<string, string> {
  return Object.fromEntries(header.split(/;\s*/).filter(Boolean).map((pair) => {
    const [name, ...value] = pair.split('=');
    return [name, value.join('=')];
  }));
}

if (require.main === module) void run(httpbin(), Number(process.env.PORT ?? 8000));
