import { join } from 'node:path';
import type { TcpCall } from '../../../src/engine/check';
import type { LocalMesh } from '../../../src/engine/local-mesh';
import { callFrom, startMesh } from '../test-mesh';

jest.setTimeout(120_000);

const SWITCH = 'PILOT_ENABLE_REDIS_FILTER';
const KEYS = Array.from({ length: 24 }, (_, i) => `key-${i}`);

/** A command as clients send it: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
const command = (...words: string[]): string => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

let mesh: LocalMesh;

/** All commands over one connection, each after the answer to the one before. */
async function ask(host: string, ...commands: string[]): Promise<string> {
  const call: TcpCall = { kind: 'tcp', host, port: 6379, send: commands, greeting: false, pauseMs: 0, timeoutMs: 10_000 };
  const [{ body, error }] = await callFrom(mesh, 'client', call);
  return error ?? body;
}

const sizes = async (): Promise<number[]> =>
  Promise.all(['cache-0.shards', 'cache-1.shards'].map(async (host) => Number(/^:(\d+)/.exec(await ask(host, command('DBSIZE')))?.[1])));

async function start(on: boolean): Promise<void> {
  await mesh?.close();
  process.env[SWITCH] = String(on);
  mesh = await startMesh([join(__dirname, 'redis.yaml')]);
}

afterAll(async () => {
  delete process.env[SWITCH];
  await mesh?.close();
});

describe('with the switch, the proxy speaks Redis', () => {
  beforeAll(() => start(true));

  test('what is written is read again, over whatever connection', async () => {
    expect(await ask('cache', command('SET', 'title', 'Walden'))).toBe('+OK\r\n');
    expect(await ask('cache', command('GET', 'title'), command('PING'))).toContain('$6\r\nWalden\r\n');
    expect(await ask('cache', command('INCR', 'visits'), command('INCR', 'visits'), command('INCR', 'visits'))).toBe(':1\r\n:2\r\n:3\r\n');
  });

  test('keys are spread over the shards, each of which always has the same ones', async () => {
    const before = await sizes();
    const written = await ask('cache', ...KEYS.map((key) => command('SET', key, 'x')));
    expect(written).toBe('+OK\r\n'.repeat(KEYS.length));
    const spread = (await sizes()).map((size, i) => size - before[i]);
    expect(spread[0] + spread[1]).toBe(KEYS.length);
    expect(Math.min(...spread)).toBeGreaterThan(0);
    // Written again, on another connection: no shard gets a key that the other one has.
    await ask('cache', ...KEYS.map((key) => command('SET', key, 'y')));
    expect((await sizes()).map((size, i) => size - before[i])).toEqual(spread);
  });

  test('one command about keys of several shards is split, and answered as one', async () => {
    expect(await ask('cache', command('MSET', ...KEYS.flatMap((key) => [key, 'z'])))).toBe('+OK\r\n');
  });

  test('what cannot be said of a key is refused by the proxy', async () => {
    expect(await ask('cache', command('DBSIZE'))).toMatch(/^-ERR unknown command 'DBSIZE'/);
  });
});

describe('without it, the port is TCP', () => {
  beforeAll(() => start(false));

  test('a connection is one to one server', async () => {
    expect(await ask('cache', ...KEYS.map((key) => command('SET', key, 'x')))).toBe('+OK\r\n'.repeat(KEYS.length));
    expect((await sizes()).sort((a, b) => a - b)).toEqual([0, KEYS.length]);
  });

  test('and whatever the server knows may be said', async () => {
    expect(await ask('cache', command('DBSIZE'))).toMatch(/^:\d+/);
  });
});
