import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Relay } from '../../src/local/relay';

describe('the relay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-'));
  const socket = join(folder, 'inside');
  let inside: Server;

  beforeAll(async () => {
    // Answers when the client has said all, as HTTP/1.0 without a length does.
    inside = createServer({ allowHalfOpen: true }, (connection) => {
      let said = '';
      connection.on('error', () => connection.destroy());
      connection.on('data', (chunk) => (said += chunk.toString()));
      connection.on('end', () => connection.end(`${said.length} bytes`));
    });
    inside.listen(socket);
    await once(inside, 'listening');
  });

  afterAll(() => {
    inside.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function talk(port: number, text: string): Promise<string> {
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.end(text);
    let answer = '';
    client.on('data', (chunk) => (answer += chunk.toString()));
    client.on('error', () => (answer = 'error'));
    await new Promise((resolve) => client.on('close', resolve));
    return answer;
  }

  test('carries both directions, and each side may end first', async () => {
    const relay = await Relay.start(0, socket);
    const sizes = [0, 1, 5_000_000];
    expect(await Promise.all(sizes.map((size) => talk(relay.port, 'x'.repeat(size))))).toEqual(sizes.map((size) => `${size} bytes`));
    relay.close();
  });

  test('takes the next port when one is taken', async () => {
    const first = await Relay.start(0, socket);
    const second = await Relay.start(first.port, socket);
    expect(second.port).toBeGreaterThan(first.port);
    first.close();
    second.close();
  });

  test('ends the connection when nobody listens inside', async () => {
    const relay = await Relay.start(0, join(folder, 'nobody'));
    expect(['', 'error']).toContain(await talk(relay.port, 'hello'));
    relay.close();
  });

  test('cuts what is open when it closes', async () => {
    const relay = await Relay.start(0, socket);
    const client = connect(relay.port, '127.0.0.1');
    await once(client, 'connect');
    client.write('begun');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.on('error', () => undefined);
    client.resume();
    relay.close();
    await new Promise((resolve) => client.on('close', resolve));
  });
});
