import type { Call, GrpcCall, TcpCall, WebSocketCall } from '../../src/engine/check';
import { sendLoad } from '../../src/engine/client/load';
import { EchoServer } from '../../src/local/echo-server';

/** The clients against the echo server: what each of them says is understood by the other side, without a proxy between them. */
const server = new EchoServer({ service: 'echo', pod: 'echo-0' });
const at = { port: 0, host: '127.0.0.1' };
let http: number;
let tcp: number;
let first: number;

beforeAll(async () => {
  [http, tcp, first] = await Promise.all([server.listen('http', at), server.listen('tcp', at), server.listen('server-first', at)]);
});

afterAll(() => server.close());

async function send(call: Call, times = 1) {
  const answers = await sendLoad(call, { times, parallel: 1 });
  return answers[answers.length - 1];
}

const grpc = (more: Partial<GrpcCall> = {}): GrpcCall =>
  ({ kind: 'grpc', url: `http://127.0.0.1:${http}/shop.Cart/Add`, headers: {}, send: 'a book', web: false, timeoutMs: 5_000, ...more });
const overTcp = (port: number, more: Partial<TcpCall> = {}): TcpCall =>
  ({ kind: 'tcp', host: '127.0.0.1', port, send: ['one\n', 'two\n'], greeting: false, pauseMs: 0, timeoutMs: 5_000, ...more });
const webSocket = (more: Partial<WebSocketCall> = {}): WebSocketCall =>
  ({ kind: 'websocket', url: `ws://127.0.0.1:${http}/chat`, headers: {}, send: ['one', 'two'], greeting: false, pauseMs: 0, timeoutMs: 5_000, ...more });

describe('gRPC', () => {
  test('calls any method, several times over one connection', async () => {
    expect(await send(grpc(), 3)).toMatchObject({ grpc: 'OK', body: 'a book\n', headers: { 'x-served-by': 'echo-0', 'grpc-status': '0' } });
  });

  test('takes a stream of messages', async () => {
    expect(await send(grpc({ headers: { 'echo-messages': '3' } }))).toMatchObject({ grpc: 'OK', body: 'a book\na book\na book\n' });
  });

  test('tells status and message', async () => {
    expect(await send(grpc({ headers: { 'echo-status': '7' } }))).toMatchObject({
      grpc: 'PERMISSION_DENIED', body: '', headers: { 'x-served-by': 'echo-0', 'grpc-message': 'echo-0 was asked for this status' },
    });
  });

  test('gives up at its deadline', async () => {
    expect(await send(grpc({ headers: { 'echo-delay': '2s' }, timeoutMs: 200 }))).toMatchObject({ grpc: 'DEADLINE_EXCEEDED' });
  });

  test('nobody there is UNAVAILABLE', async () => {
    expect(await send(grpc({ url: 'http://127.0.0.1:1/shop.Cart/Add' }))).toMatchObject({ grpc: 'UNAVAILABLE' });
  });

  test('over the web finds no server that speaks it here: that is a proxy\'s work', async () => {
    const answer = await send(grpc({ web: true }));

    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(answer?.grpc).toBeUndefined();
  });
});

describe('a conversation', () => {
  test('over TCP waits for each answer', async () => {
    expect(await send(overTcp(tcp))).toMatchObject({ body: 'echo-0 one\necho-0 two\n' });
  });

  test('may take its time', async () => {
    const answer = await send(overTcp(tcp, { pauseMs: 150 }));

    expect(answer?.body).toBe('echo-0 one\necho-0 two\n');
    expect(answer?.durationMs).toBeGreaterThanOrEqual(145);
  });

  test('with a server that speaks first begins with what it says', async () => {
    expect(await send(overTcp(first, { greeting: true }))).toMatchObject({ body: 'echo-0 speaks first\necho-0 one\necho-0 two\n' });
    expect(await send(overTcp(first, { send: [] }))).toMatchObject({ body: 'echo-0 speaks first\n' });
  });

  test('waits for a greeting in vain where there is none', async () => {
    expect(await send(overTcp(tcp, { greeting: true, timeoutMs: 200 }))).toMatchObject({ error: 'ETIMEDOUT' });
  });

  test('over a WebSocket', async () => {
    expect(await send(webSocket())).toMatchObject({ status: 101, body: 'one\ntwo\n', headers: { 'x-served-by': 'echo-0' } });
    expect(await send(webSocket({ send: [] }))).toMatchObject({ status: 101, body: '' });
  });

  test('over a WebSocket that is not to be had', async () => {
    expect(await send(webSocket({ url: 'ws://127.0.0.1:1/' }))).toMatchObject({ error: 'ECONNREFUSED' });
  });
});
