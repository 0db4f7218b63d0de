import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { PassThrough } from 'node:stream';

import type { TcpCall } from '../../src/engine/check';
import { sendLoad } from '../../src/engine/client/load';
import { serveClient, type Delivery } from '../../src/engine/client/program';
import { get } from './test-mesh';

const connections = new Set<unknown>();
let http: Server;
let http2: Http2Server;
let tcp: TcpServer;

beforeAll(async () => {
  http = createHttpServer((request, response) => {
    connections.add(request.socket);
    if (request.url === '/silence') {
      return;
    }
    if (request.url === '/reset') {
      request.socket.destroy();
      return;
    }
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.end(`${request.method} ${request.headers.host} ${request.httpVersion} ${request.headers['x-mine'] ?? ''}`);
  });
  http2 = createHttp2Server((request, response) => response.end(`${request.httpVersion} ${request.authority} ${request.headers['x-mine'] ?? ''}`));
  tcp = createTcpServer((socket) => socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`)));
  await Promise.all([http, http2, tcp].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
});

afterAll(() => {
  http.closeAllConnections();
  [http, http2, tcp].forEach((server) => server.close());
});

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
const once = { times: 1, parallel: 1 };

test('every sender keeps one connection', async () => {
  connections.clear();
  const answers = await sendLoad(get(`http://127.0.0.1:${portOf(http)}/`), { times: 300, parallel: 3 });

  expect(answers).toHaveLength(300);
  expect(answers.filter(({ status, durationMs }) => status === 200 && durationMs > 0)).toHaveLength(300);
  expect(connections.size).toBe(3);
});

test('an answer has lower-case headers, joined where there are several, and its body', async () => {
  const call = get(`http://127.0.0.1:${portOf(http)}/`, { method: 'POST', body: 'x', headers: { 'X-Mine': 'yes', 'Host': 'shop.example.com' } });
  const [answer] = await sendLoad(call, once);

  expect(answer).toMatchObject({ status: 200, headers: { 'set-cookie': 'a=1, b=2' }, body: 'POST shop.example.com 1.1 yes' });
});

test('connects elsewhere than the URL says, as a resolver would', async () => {
  const [answer] = await sendLoad(get('http://shop.example.com:8080/'), once, [{ address: '127.0.0.1', port: portOf(http) }]);

  expect(answer?.body).toBe('GET shop.example.com:8080 1.1 ');
});

test.each([
  ['/silence', 'ETIMEDOUT'],
  ['/reset', 'ECONNRESET'],
])('%s is the error %s', async (path, error) => {
  const [answer] = await sendLoad(get(`http://127.0.0.1:${portOf(http)}${path}`, { timeoutMs: 200 }), once);

  expect(answer).toMatchObject({ error, headers: {}, body: '' });
  expect(answer?.status).toBeUndefined();
});

test('nobody there is ECONNREFUSED, an unknown name ENOTFOUND or EAI_AGAIN', async () => {
  expect((await sendLoad(get('http://127.0.0.1:1/'), once))[0]?.error).toBe('ECONNREFUSED');
  expect((await sendLoad(get('http://no-such-host.invalid/'), once))[0]?.error).toMatch(/ENOTFOUND|EAI_AGAIN/);
});

test('HTTP/2 with prior knowledge, and HTTP/1.0', async () => {
  const headers = { 'x-mine': 'yes', 'host': 'shop.example.com' };
  const second = await sendLoad(get(`http://127.0.0.1:${portOf(http2)}/`, { version: '2', headers }), { times: 20, parallel: 2 });
  const [first] = await sendLoad(get(`http://127.0.0.1:${portOf(http)}/`, { version: '1.0', headers }), once);

  expect(second.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(20).fill('200 2.0 shop.example.com yes'));
  expect(first).toMatchObject({ status: 200, body: 'GET shop.example.com 1.0 yes', headers: { 'set-cookie': 'a=1, b=2' } });
});

test('TCP reads one line', async () => {
  const call: TcpCall = { kind: 'tcp', host: '127.0.0.1', port: portOf(tcp), send: ['hello\n'], greeting: false, pauseMs: 0, timeoutMs: 1_000 };

  expect((await sendLoad(call, { times: 2, parallel: 1 })).map(({ body }) => body)).toEqual(['echo hello\n', 'echo hello\n']);
});

test('the program answers orders as they are done, and ends with its input', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const done = serveClient(input, output);
  input.write(`${JSON.stringify({ id: 1, call: get(`http://127.0.0.1:${portOf(http)}/silence`, { timeoutMs: 300 }), load: once })}\n`);
  input.end(`${JSON.stringify({ id: 2, call: get(`http://127.0.0.1:${portOf(http)}/`), load: once })}\n`);
  await done;
  const deliveries = String(output.read()).trim().split('\n').map((line) => JSON.parse(line) as Delivery);

  expect(deliveries.map(({ id }) => id)).toEqual([2, 1]);
});
