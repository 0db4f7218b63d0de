import { httpbin } from '../../examples/apps/httpbin';
import { helloworld } from '../../examples/apps/helloworld';

const server = httpbin();
let url: string;

beforeAll(async () => {
  url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});

afterAll(() => server.stop());

const get = async (path: string, init: RequestInit = {}): Promise<Response> => fetch(url + path, { redirect: 'manual', ...init });
const json = async (path: string, init?: RequestInit): Promise<Record<string, unknown>> => (await get(path, init)).json() as Promise<Record<string, unknown>>;

test.each([200, 301, 404, 418, 503])('/status/%d', async (status) => {
  expect((await get(`/status/${status}`)).status).toBe(status);
});

test('the teapot is a teapot', async () => {
  const answer = await get('/status/418');
  expect(answer.headers.get('x-more-info')).toBe('http://tools.ietf.org/html/rfc2324');
  expect(await answer.text()).toContain('-=[ teapot ]=-');
});

test('/status with several codes gives each its share', async () => {
  const codes = await Promise.all(Array.from({ length: 200 }, async () => (await get('/status/200:0.5,503:0.5')).status));
  expect(new Set(codes)).toEqual(new Set([200, 503]));
});

test.each(['/status/99', '/status/abc', '/status/200:-1', '/delay/soon'])('%s is a bad request', async (path) => {
  expect((await get(path)).status).toBe(400);
});

test('/delay waits', async () => {
  const begin = Date.now();
  expect((await get('/delay/0.2')).status).toBe(200);
  expect(Date.now() - begin).toBeGreaterThanOrEqual(195);
});

test('/anything tells what was asked', async () => {
  const answer = await json('/anything/a/b?x=1&y=two', { method: 'PUT', body: 'hello', headers: { 'x-custom-thing': 'yes' } });
  expect(answer).toMatchObject({ method: 'PUT', args: { x: '1', y: 'two' }, data: 'hello', origin: '127.0.0.1' });
  expect(answer.headers).toMatchObject({ 'X-Custom-Thing': 'yes' });
  expect(answer.url).toBe(`${url}/anything/a/b?x=1&y=two`);
});

test('/get, /post, /put, /patch and /delete take their own method only', async () => {
  for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
    expect((await get(`/${method}`, { method: method.toUpperCase() })).status).toBe(200);
    expect((await get(`/${method}`, { method: method === 'get' ? 'POST' : 'GET' })).status).toBe(405);
  }
});

test('/headers, /user-agent, /cookies and /ip tell about the client', async () => {
  expect((await json('/headers', { headers: { 'x-a': 'b' } })).headers).toMatchObject({ 'X-A': 'b' });
  expect(await json('/user-agent', { headers: { 'user-agent': 'tester' } })).toEqual({ 'user-agent': 'tester' });
  expect(await json('/cookies', { headers: { cookie: 'a=b; c=d=e' } })).toEqual({ cookies: { a: 'b', c: 'd=e' } });
  expect(await json('/ip', { headers: { 'x-forwarded-for': '10.1.2.3' } })).toEqual({ origin: '10.1.2.3' });
});

test('/response-headers sets what is asked for', async () => {
  const answer = await get('/response-headers?x-color=red&x-color=blue&x-size=1');
  expect(answer.headers.get('x-color')).toBe('red, blue');
  expect(answer.headers.get('x-size')).toBe('1');
});

test('/bytes and /stream send as much as is asked for', async () => {
  expect((await (await get('/bytes/1000')).arrayBuffer()).byteLength).toBe(1000);
  const lines = (await (await get('/stream/3')).text()).trim().split('\n').map((line) => JSON.parse(line) as { id: number });
  expect(lines.map(({ id }) => id)).toEqual([0, 1, 2]);
});

test('HEAD has the headers of GET and no body', async () => {
  const answer = await get('/get', { method: 'HEAD' });
  expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
  expect(await answer.text()).toBe('');
});

test('helloworld says hello and its version', async () => {
  const hello = helloworld('v2');
  const port = await hello.listen(0, '127.0.0.1');
  expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toMatch(/^Hello version: v2, instance: \S+\n$/);
  await hello.stop();
});
