import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { EchoServer } from '../../src/local/echo-server';

describe('the echo server', () => {
  const server = new EchoServer({ service: 'reviews', version: 'v2', pod: 'reviews-v2-0', namespace: 'bookinfo' });
  let base: string;
  let tcp: number;

  beforeAll(async () => {
    base = `http://127.0.0.1:${await server.listen('http', { port: 0, host: '127.0.0.1' })}`;
    tcp = await server.listen('tcp', { port: 0, host: '127.0.0.1' });
  });

  afterAll(() => server.close());

  test('says who answers and what it received', async () => {
    const response = await fetch(`${base}/a?b=c`, { method: 'POST', headers: { 'x-test': 'yes', 'content-type': 'text/plain' }, body: 'hello' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-served-by')).toBe('reviews-v2-0');
    expect(await response.json()).toMatchObject({
      service: 'reviews', version: 'v2', pod: 'reviews-v2-0', namespace: 'bookinfo',
      method: 'POST', path: '/a?b=c', protocol: 'HTTP/1.1', headers: { 'x-test': 'yes' }, peer: '127.0.0.1', body: 'hello',
    });
  });

  test.each([['/status/503', 503], ['/?status=418', 418], ['/status/99', 200], ['/status/none', 200]])('%s gives %d', async (path, status) => {
    expect((await fetch(base + path)).status).toBe(status);
  });

  test.each(['/delay/0.2', '/?delay=200ms', '/x?delay=0.2s'])('%s waits', async (path) => {
    const start = performance.now();
    await fetch(base + path);
    expect(performance.now() - start).toBeGreaterThanOrEqual(190);
  });

  test('HEAD has no body', async () => {
    expect(await (await fetch(base, { method: 'HEAD' })).text()).toBe('');
  });

  describe('over HTTP/2 at the same port', () => {
    let session: ClientHttp2Session;

    beforeAll(() => {
      session = connectHttp2(base);
    });

    afterAll(() => session.close());

    async function ask(headers: Record<string, string>, body?: Buffer) {
      const stream = session.request({ ':method': body ? 'POST' : 'GET', ':path': '/two', ...headers });
      let trailers: Record<string, unknown> = {};
      stream.on('trailers', (received: Record<string, unknown>) => (trailers = received));
      stream.end(body);
      const [response] = await once(stream, 'response') as [Record<string, unknown>];
      const chunks: Buffer[] = [];
      for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
      return { response, trailers, body: Buffer.concat(chunks) };
    }

    test('requests are answered alike', async () => {
      const [one, two] = await Promise.all([ask({}), ask({ 'x-test': 'yes' })]);
      expect(one.response).toMatchObject({ ':status': 200, 'x-served-by': 'reviews-v2-0' });
      expect(JSON.parse(two.body.toString())).toMatchObject({ protocol: 'HTTP/2.0', path: '/two', headers: { 'x-test': 'yes', 'host': base.slice(7) } });
    });

    test('a gRPC call gets its message back', async () => {
      const message = Buffer.from([0, 0, 0, 0, 3, 1, 2, 3]);
      const { response, trailers, body } = await ask({ 'content-type': 'application/grpc', 'te': 'trailers' }, message);
      expect(response).toMatchObject({ ':status': 200, 'content-type': 'application/grpc', 'x-served-by': 'reviews-v2-0' });
      expect(body).toEqual(message);
      expect(trailers).toMatchObject({ 'grpc-status': '0' });
    });

    test('its health is asked by gRPC, and it serves', async () => {
      const { trailers, body } = await ask({ ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', 'te': 'trailers' }, Buffer.alloc(5));
      expect(body).toEqual(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
      expect(trailers).toMatchObject({ 'grpc-status': '0' });
    });
  });

  test('lines of TCP come back behind the name of the pod, however they are cut', async () => {
    const socket = connect(tcp, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    for (const piece of ['one\nt', 'wo\n', 'three']) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.end();
    await once(socket, 'close');
    expect(received).toBe('reviews-v2-0 one\nreviews-v2-0 two\nreviews-v2-0 three');
  });

  test('a server that speaks first does', async () => {
    const socket = connect(await server.listen('server-first', { port: 0, host: '127.0.0.1' }), '127.0.0.1');
    const [greeting] = await once(socket, 'data') as [Buffer];
    socket.destroy();
    expect(greeting.toString()).toBe('reviews-v2-0 speaks first\n');
  });

  test('messages of a WebSocket come back', async () => {
    const socket = new WebSocket(base.replace('http', 'ws'));
    socket.on('open', () => socket.send('hello'));
    const [handshake] = await once(socket, 'upgrade') as [IncomingMessage];
    const [message] = await once(socket, 'message') as [Buffer];
    socket.close();
    expect(handshake.headers['x-served-by']).toBe('reviews-v2-0');
    expect(message.toString()).toBe('hello');
  });

  test.each([
    [1, 503], [2, 503], [3, 200],
  ])('fails as often as it is asked to: attempt %d is answered with %d', async (attempt, status) => {
    expect((await fetch(`${base}/?status=503&failures=2`, { headers: { 'x-envoy-attempt-count': String(attempt) } })).status).toBe(status);
  });

  test('rubbish does not end it', async () => {
    for (const rubbish of ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish', '\0\0\0', 'PRI']) {
      const socket = connect(Number(new URL(base).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(rubbish);
      socket.resume();
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect((await fetch(base)).status).toBe(200);
  });
});
