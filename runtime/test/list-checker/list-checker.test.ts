import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials } from '@grpc/grpc-js';
import pino from 'pino';
import { decode, encode, type CheckRequest, type CheckResponse } from '../../src/envoy';
import { check, type Subject } from '../../src/list-checker/check';
import { makeList, parseEntries } from '../../src/list-checker/list';
import { startListChecker, type ListChecker, type ListCheckerOptions } from '../../src/list-checker/run';

const NOBODY: Subject = { headers: {}, method: 'GET', path: '/', host: 'shop', address: '', principal: '' };
const quiet = pino({ enabled: false });

test('a list is lines or JSON', () => {
  expect(parseEntries('# people\nalice\n\n bob # since May\ncarol#1\n')).toEqual(['alice', 'bob', 'carol#1']);
  expect(parseEntries(' ["alice", "bob"]')).toEqual(['alice', 'bob']);
  expect(() => parseEntries('[1]')).toThrow('no list of texts');
  expect(() => parseEntries('[')).toThrow();
});

test.each<[Parameters<typeof makeList>[1], string[], string, boolean]>([
  ['exact', ['Alice'], 'Alice', true], ['exact', ['Alice'], 'alice', false], ['ignore-case', ['Alice'], 'aLICE', true], ['exact', [], '', false],
  ['ip', ['10.1.0.0/16', '192.0.2.7', '2001:db8::/32'], '10.1.2.3', true], ['ip', ['10.1.0.0/16'], '10.2.0.1', false], ['ip', ['2001:db8::/32'], '2001:db8::1', true],
  ['ip', ['10.1.0.0/16'], 'alice', false],
])('%s %j: %s is on it: %s', (kind, entries, value, expected) => {
  expect(makeList(entries, kind).has(value)).toBe(expected);
});

test('a range that is none is not passed over', () => expect(() => makeList(['10.0.0.0.1'], 'ip')).toThrow('is no IP address'));

const ON_IT = { headers: { 'x-user': 'alice' }, method: 'POST', path: '/a?b', host: 'shop', address: '10.1.2.3', principal: 'cluster.local/ns/a/sa/b' };

test.each<[Parameters<typeof check>[2]['attribute'], string]>([
  ['header:X-User', 'alice'], ['method', 'POST'], ['path', '/a'], ['host', 'shop'], ['source.ip', '10.1.2.3'], ['source.principal', 'cluster.local/ns/a/sa/b'],
])('%s is looked up', (attribute, value) => {
  const list = makeList([value], 'exact');
  expect(check(ON_IT, list, { attribute, mode: 'allow' })).toMatchObject({ allowed: true, value });
  expect(check(ON_IT, list, { attribute, mode: 'deny' })).toMatchObject({ allowed: false, value });
});

test('who says nothing is not on the list, and without a list nobody passes', () => {
  const list = makeList(['alice', ''], 'exact');
  expect(check(NOBODY, list, { attribute: 'header:x-user', mode: 'allow' })).toEqual({ allowed: false, value: '', reason: 'no header:x-user is not on the list' });
  expect(check(NOBODY, list, { attribute: 'header:x-user', mode: 'deny' }).allowed).toBe(true);
  expect(check(ON_IT, undefined, { attribute: 'header:x-user', mode: 'allow' })).toMatchObject({ allowed: false, reason: 'the list is not there yet' });
  expect(check(ON_IT, undefined, { attribute: 'header:x-user', mode: 'deny' }).allowed).toBe(false);
});

describe('a list checker', () => {
  let source: Server;
  let url: string;
  let content: string | undefined = 'alice';
  const checkers: ListChecker[] = [];

  const start = async (more: Partial<ListCheckerOptions> = {}): Promise<ListChecker> => {
    const checker = await startListChecker({
      from: url, entries: [], kind: 'exact', refreshEvery: 20, attribute: 'header:x-user', mode: 'allow', http: 0, grpc: 0, pathPrefix: '',
      denial: { status: 403, message: 'not on the list' }, ...more,
    }, quiet);
    checkers.push(checker);
    return checker;
  };
  const ask = async (checker: ListChecker, headers: Record<string, string>, path = '/'): Promise<number> =>
    (await fetch(`http://127.0.0.1:${checker.http}${path}`, { headers })).status;
  const until = async (status: number, asked: () => Promise<number>): Promise<void> => {
    for (const end = Date.now() + 5000; Date.now() < end && await asked() !== status;) await sleep(10);
    expect(await asked()).toBe(status);
  };

  beforeAll(async () => {
    source = createServer((_request, response) => (content === undefined ? response.writeHead(503).end() : response.end(content)));
    await once(source.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${(source.address() as AddressInfo).port}/`;
  });
  beforeEach(() => { content = 'alice'; });
  afterEach(() => checkers.splice(0).forEach((checker) => checker.close()));
  afterAll(() => source.close());

  test('follows its list, and goes on with the last one while that is away', async () => {
    const checker = await start();
    await until(200, () => ask(checker, { 'x-user': 'alice' }));
    expect(await ask(checker, { 'x-user': 'bob' })).toBe(403);
    content = 'bob';
    await until(200, () => ask(checker, { 'x-user': 'bob' }));
    expect(await ask(checker, { 'x-user': 'alice' })).toBe(403);
    content = undefined;
    await sleep(100);
    expect(await ask(checker, { 'x-user': 'bob' })).toBe(200);
    content = '[broken';
    await sleep(100);
    expect(await ask(checker, { 'x-user': 'bob' })).toBe(200);
  });

  test('lets nobody pass before its list was there once, and then does', async () => {
    content = undefined;
    const checker = await start({ mode: 'deny', entries: ['mallory'] });
    expect(await ask(checker, { 'x-user': 'alice' })).toBe(403);
    content = 'bob';
    await until(200, () => ask(checker, { 'x-user': 'alice' }));
    expect(await ask(checker, { 'x-user': 'mallory' })).toBe(403);
    expect(await ask(checker, { 'x-user': 'bob' })).toBe(403);
  });

  test('says why, with the prefix of the provider or without', async () => {
    const checker = await start({ from: undefined, entries: ['/cart'], attribute: 'path', pathPrefix: '/check', denial: { status: 418, message: 'no tea' } });
    const answer = await fetch(`http://127.0.0.1:${checker.http}/check/tea?x=1`);
    expect([answer.status, await answer.text(), answer.headers.get('x-check-reason')]).toEqual([418, 'no tea', 'path /tea is not on the list']);
    expect(await ask(checker, {}, '/check/cart?x=1')).toBe(200);
    expect(await ask(checker, {}, '/ready')).toBe(200);
  });

  test('takes the identity of the caller from the last certificate that was forwarded', async () => {
    const checker = await start({ from: undefined, entries: ['cluster.local/ns/a/sa/b'], attribute: 'source.principal' });
    expect(await ask(checker, { 'x-forwarded-client-cert': 'By=x;URI=spiffe://cluster.local/ns/a/sa/b' })).toBe(200);
    expect(await ask(checker, { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/a/sa/b,By=x;URI=spiffe://cluster.local/ns/a/sa/c' })).toBe(403);
  });

  test('does not believe what a request says of where it comes from', async () => {
    const checker = await start({ from: undefined, entries: ['10.1.2.3'], attribute: 'source.ip', kind: 'ip' });
    expect(await ask(checker, { 'x-forwarded-for': '10.1.2.3' })).toBe(403);
  });

  test('answers over gRPC too', async () => {
    const checker = await start({ from: undefined, entries: ['alice'], message: '' } as Partial<ListCheckerOptions>);
    const client = new Client(`127.0.0.1:${checker.grpc}`, credentials.createInsecure());
    const call = (headers: Record<string, string>) => new Promise<CheckResponse>((resolve, reject) => {
      const request: CheckRequest = { attributes: { request: { http: { headers, method: 'GET', path: '/', host: 'shop' } } } };
      client.makeUnaryRequest('/envoy.service.auth.v3.Authorization/Check', (one: CheckRequest) => Buffer.from(encode('CheckRequest', one)),
        (bytes: Buffer) => decode('CheckResponse', bytes), request, (error, response) => (response ? resolve(response) : reject(error as Error)));
    });
    expect((await call({ 'x-user': 'alice' })).status?.code ?? 0).toBe(0);
    expect(await call({ 'x-user': 'bob' })).toMatchObject({ status: { code: 7 }, deniedResponse: { status: { code: 403 }, body: 'not on the list' } });
    client.close();
  });
});
