import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DnsServer } from '../../../src/local/dns-server';
import { AddressGuard, fetchKeys, through } from '../../../src/source/keys';
import { TestIssuer } from '../../jwt/test-issuer';

const JWKS = JSON.stringify(new TestIssuer('a').publicKeys);
const PORT = 20_000 + (process.pid % 20_000);
const folder = mkdtempSync(join(tmpdir(), 'dialer-'));
const socketPath = join(folder, 'host');
const asked: string[] = [];
let issuer: Server;
let host: Server;
let names: DnsServer;

/** As in a local mesh: names are looked up by its own server, and whoever is outside is reached through the host process. */
beforeAll(async () => {
  issuer = createServer((_request, response) => response.end(JWKS));
  await once(issuer.listen(0, '127.0.0.1'), 'listening');
  const { port } = issuer.address() as AddressInfo;
  host = createServer();
  host.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    if (request.url !== '192.0.2.7:80') return void client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const server = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
  });
  await once(host.listen(socketPath), 'listening');
  names = await DnsServer.start('127.0.0.1', PORT, () => ({
    names: new Map(), outside: (name) => (name === 'issuer.example.com' ? ['192.0.2.7'] : name === 'here.example.com' ? ['127.0.0.1'] : undefined),
  }));
});

afterAll(() => {
  names.close();
  issuer.close();
  host.close();
  rmSync(folder, { recursive: true });
});

const fetch = (uri: string) => fetchKeys({ uri, issuer: 'a', timeout: 5000 }, { guard: new AddressGuard(), dialer: through(socketPath, `127.0.0.1:${PORT}`) });

test('keys come through the host process, by an address that was looked at', async () => {
  expect(await fetch('http://issuer.example.com/keys')).toBe(JWKS);
  expect(asked).toEqual(['192.0.2.7:80']);
});

test('what the host process cannot reach, and names that nobody knows, are told', async () => {
  await expect(fetch('http://issuer.example.com:81/keys')).rejects.toThrow('issuer.example.com:81 cannot be connected to: nothing answers at 192.0.2.7:81');
  await expect(fetch('http://nobody.example.com/keys')).rejects.toThrow('nobody.example.com is not found');
});

test('the limits hold on that way too', async () => {
  asked.length = 0;
  await expect(fetch('http://here.example.com/keys')).rejects.toThrow('here.example.com is 127.0.0.1, where keys are not taken from');
  expect(asked).toEqual([]);
});
